using System.Device.Gpio;

namespace EdgeConv.Devices.Gpio;

/// <summary>
/// A button from a line to ground, with the line's pull-up. It counts as pressed after some equal readings, and only once it was seen open: one
/// that hangs does not end a program again and again.
/// </summary>
public sealed class StopButton : IDisposable
{
    private const int Readings = 5;
    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(10);

    private readonly GpioController _controller;
    private readonly int _line;
    private readonly Action _pressed;
    private readonly Timer _timer;
    private readonly Lock _guard = new();
    private int _low;
    private int _high;
    private bool _wasOpen;
    private bool _disposed;

    /// <summary>Begins to read it.</summary>
    /// <param name="controller">Stays the caller's.</param>
    /// <param name="line">The chip's own number.</param>
    /// <param name="pressed">Told once a press, from another thread.</param>
    /// <exception cref="InvalidOperationException">The line is already open or cannot be an input.</exception>
    public StopButton(GpioController controller, int line, Action pressed)
    {
        (_controller, _line, _pressed) = (controller, line, pressed);
        controller.OpenPin(line, controller.IsPinModeSupported(line, PinMode.InputPullUp) ? PinMode.InputPullUp : PinMode.Input);
        _timer = new Timer(_ => Look(), null, _step, _step);
    }

    /// <summary>Gives the line back.</summary>
    public void Dispose()
    {
        lock (_guard)
        {
            if (!_disposed)
            {
                _disposed = true;
                _timer.Dispose();
                _controller.ClosePin(_line);
            }
        }
    }

    /// <summary>The line's level; null where the chip does not answer, which must not end the program.</summary>
    private PinValue? TryRead()
    {
        try
        {
            return _controller.Read(_line);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return null;
        }
    }

    private void Look()
    {
        bool isPressed;
        lock (_guard)
        {
            if (_disposed)
            {
                return;
            }

            PinValue? level = TryRead();
            (_low, _high) = (level == PinValue.Low ? _low + 1 : 0, level == PinValue.High ? _high + 1 : 0);
            isPressed = _wasOpen && _low == Readings;
            _wasOpen = isPressed ? false : _wasOpen || _high >= Readings;
        }

        // Outside of the lock: it may end what owns this.
        if (isPressed)
        {
            _pressed();
        }
    }
}
