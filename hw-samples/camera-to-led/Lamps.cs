using System.Device.Gpio;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Gpio;
using EdgeConv.Devices.Watching;

namespace EdgeConv.Samples.CameraToLed;

/// <summary>One LED a class, on while the camera sees that class.</summary>
public sealed class Lamps : IWatchListener, IDisposable
{
    /// <summary>GPIO lines of the LEDs for class 0 to 9, BCM numbers; free of I2C, SPI and the serial port.</summary>
    public static IReadOnlyList<int> Lines { get; } = [17, 27, 22, 5, 6, 13, 19, 26, 16, 20];

    private readonly ClassPins _leds;
    private readonly TextWriter _output;

    /// <param name="controller">Owns the lines.</param>
    /// <param name="classes">Of the model; each needs a line.</param>
    /// <param name="output">Told every change.</param>
    /// <exception cref="InvalidOperationException">More classes than lines.</exception>
    public Lamps(GpioController controller, int classes, TextWriter output)
    {
        _output = output;
        _leds = classes <= Lines.Count
            ? new ClassPins(controller, [.. Lines.Take(classes)])
            : throw new InvalidOperationException($"the model tells {classes} classes apart, and there are {Lines.Count} LEDs.");
    }

    /// <inheritdoc/>
    public void Seen(in Observation observation)
    {
        if (observation.IsChange)
        {
            _leds.Show(observation.Decided);
            _output.WriteLine(observation.Decided == ClassDecider.Unknown
                ? "unknown, all LEDs off"
                : $"{observation.Label}, LED on GPIO {Lines[observation.Decided]}");
        }
    }

    /// <inheritdoc/>
    public void Blind(long now) => _leds.Show(ClassDecider.Unknown);

    /// <summary>Turns all LEDs off.</summary>
    public void Dispose() => _leds.Dispose();
}
