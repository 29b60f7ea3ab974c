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

    private readonly OutputLines _lines;
    private readonly int[] _pins;
    private bool _disposed;

    /// <summary>Opens the lines as outputs, off.</summary>
    /// <param name="controller">Stays the caller's.</param>
    /// <param name="pins">The line of class 0, 1, 2..., in the controller's logical numbering; -1 for a class without one.</param>
    /// <param name="activeLow">True where 0 V means on: LEDs to the supply, most relay boards.</param>
    /// <exception cref="ArgumentException">No line, or one line for two classes.</exception>
    /// <exception cref="InvalidOperationException">A line is already open or cannot be an output.</exception>
    public ClassPins(GpioController controller, IReadOnlyList<int> pins, bool activeLow = false)
    {
        _pins = [.. pins];
        _lines = new OutputLines(controller, [.. pins.Where(pin => pin != NoLine).Select(pin => new OutputLine(pin, activeLow))]);
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

        Write(Shown, on: false);
        Shown = -1;
        Write(classIndex, on: true);
        Shown = classIndex;
    }

    /// <summary>Turns every line off and gives it back; one that fails does not keep the others on.</summary>
    /// <exception cref="AggregateException">Some lines could not be turned off.</exception>
    public void Dispose()
    {
        (_disposed, Shown) = (true, -1);
        _lines.Dispose();
    }

    private void Write(int classIndex, bool on)
    {
        if (classIndex >= 0 && _pins[classIndex] != NoLine)
        {
            _lines.Switch(_pins[classIndex], on);
        }
    }
}
