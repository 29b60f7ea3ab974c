using System.Device.Gpio;

namespace EdgeConv.Devices.Gpio;

/// <summary>
/// A GPIO line a class, at most one of them on: LEDs, relays, the inputs of another controller. All lines are off
/// from the constructor to the first <see cref="Show"/>, and after <see cref="Dispose"/>.
/// </summary>
public sealed class ClassPins : IDisposable
{
    /// <summary>Stands for the line of a class that has none.</summary>
    public const int NoLine = -1;

    private readonly GpioController _controller;
    private readonly int[] _pins;
    private readonly PinValue _on;
    private readonly PinValue _off;
    private readonly List<int> _opened = [];
    private bool _disposed;

    /// <summary>Opens the lines as outputs, off.</summary>
    /// <param name="controller">Stays the caller's.</param>
    /// <param name="pins">The line of class 0, 1, 2..., in the controller's logical numbering; -1 for a class without one.</param>
    /// <param name="activeLow">True where 0 V means on: LEDs to the supply, most relay boards.</param>
    /// <exception cref="ArgumentException">No line, or one line for two classes.</exception>
    /// <exception cref="InvalidOperationException">A line is already open or cannot be an output.</exception>
    public ClassPins(GpioController controller, IReadOnlyList<int> pins, bool activeLow = false)
    {
        int[] lines = [.. pins.Where(pin => pin != NoLine)];
        if (lines.Length == 0 || lines.Distinct().Count() != lines.Length)
        {
            throw new ArgumentException($"Lines {string.Join(", ", pins)}: expected a line for some class, every one another.", nameof(pins));
        }

        _controller = controller;
        _pins = [.. pins];
        (_on, _off) = activeLow ? (PinValue.Low, PinValue.High) : (PinValue.High, PinValue.Low);
        try
        {
            foreach (int pin in lines)
            {
                controller.OpenPin(pin, PinMode.Output, _off);
                _opened.Add(pin);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The class whose line is on, or -1.</summary>
    public int Shown { get; private set; } = -1;

    /// <summary>Turns the line of a class on and the previous one off, off first: two are never on together.</summary>
    /// <param name="classIndex">The class, or -1 for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no line for that class.</exception>
    public void Show(int classIndex)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(classIndex, -1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(classIndex, _pins.Length);
        if (classIndex == Shown)
        {
            return;
        }

        Write(Shown, _off);
        Shown = -1;
        Write(classIndex, _on);
        Shown = classIndex;
    }

    private void Write(int classIndex, PinValue value)
    {
        if (classIndex >= 0 && _pins[classIndex] != NoLine)
        {
            _controller.Write(_pins[classIndex], value);
        }
    }

    /// <summary>Turns every line off and gives it back; one that fails does not keep the others on.</summary>
    /// <exception cref="AggregateException">Some lines could not be turned off.</exception>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        List<Exception> errors = [];
        foreach (int pin in _opened)
        {
            try
            {
                _controller.Write(pin, _off);
                _controller.ClosePin(pin);
            }
            catch (Exception error)
            {
                errors.Add(error);
            }
        }

        Shown = -1;
        if (errors.Count > 0)
        {
            throw new AggregateException("Some GPIO lines could not be turned off.", errors);
        }
    }
}
