using System.Device.Gpio;

namespace EdgeConv.Devices.Gpio;

/// <summary>A GPIO line that is switched.</summary>
/// <param name="Number">The chip's own number.</param>
/// <param name="ActiveLow">True where 0 V means on: LEDs to the supply, most relay boards.</param>
public readonly record struct OutputLine(int Number, bool ActiveLow = false);

/// <summary>Lines of a chip as outputs: off from the constructor on, and after <see cref="Dispose"/>. From any thread.</summary>
public sealed class OutputLines : IDisposable
{
    private readonly GpioController _controller;
    private readonly Dictionary<int, OutputLine> _lines = [];
    private readonly Lock _guard = new();
    private bool _disposed;

    /// <summary>Opens them, off.</summary>
    /// <param name="controller">Stays the caller's.</param>
    /// <param name="lines">Each of them another.</param>
    /// <exception cref="ArgumentException">No line, or one twice.</exception>
    /// <exception cref="InvalidOperationException">A line is already open or cannot be an output.</exception>
    public OutputLines(GpioController controller, IReadOnlyList<OutputLine> lines)
    {
        if (lines.Count == 0 || lines.Select(line => line.Number).Distinct().Count() != lines.Count)
        {
            throw new ArgumentException($"Lines {string.Join(", ", lines.Select(line => line.Number))}: expected one or more, every one another.", nameof(lines));
        }

        _controller = controller;
        try
        {
            foreach (OutputLine line in lines)
            {
                controller.OpenPin(line.Number, PinMode.Output, Level(line, on: false));
                _lines.Add(line.Number, line);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Switches a line; does nothing when the lines are given back.</summary>
    /// <exception cref="KeyNotFoundException">The line is not one of these.</exception>
    public void Switch(int number, bool on)
    {
        lock (_guard)
        {
            if (!_disposed)
            {
                _controller.Write(number, Level(_lines[number], on));
            }
        }
    }

    /// <summary>Turns every line off and gives it back; one that fails does not keep the others on.</summary>
    /// <exception cref="AggregateException">Some lines could not be turned off.</exception>
    public void Dispose()
    {
        List<Exception> errors = [];
        lock (_guard)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            foreach (OutputLine line in _lines.Values)
            {
                try
                {
                    _controller.Write(line.Number, Level(line, on: false));
                    _controller.ClosePin(line.Number);
                }
                catch (Exception error)
                {
                    errors.Add(error);
                }
            }
        }

        if (errors.Count > 0)
        {
            throw new AggregateException("Some GPIO lines could not be turned off.", errors);
        }
    }

    private static PinValue Level(OutputLine line, bool on) => on == line.ActiveLow ? PinValue.Low : PinValue.High;
}
