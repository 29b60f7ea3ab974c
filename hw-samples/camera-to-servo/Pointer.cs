using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Watching;
using Iot.Device.ServoMotor;

namespace EdgeConv.Samples.CameraToServo;

/// <summary>A servo whose arm points at the decided class on a half circle; it stays where it is while none is decided.</summary>
/// <param name="servo">Has the arm; started with the first angle.</param>
/// <param name="range">Degrees that it can turn.</param>
/// <param name="output">Told every turn.</param>
public sealed class Pointer(ServoMotor servo, double range, TextWriter output) : IWatchListener
{
    /// <inheritdoc/>
    public void Seen(in Observation observation)
    {
        if (observation.IsChange && observation.Decided != ClassDecider.Unknown)
        {
            // The middle of the class's sector.
            double angle = range * (observation.Decided + 0.5) / observation.Classifier.Classes;
            servo.WriteAngle(angle);
            servo.Start();
            output.WriteLine($"{observation.Label}, {angle:F0} degrees");
        }
    }

    /// <inheritdoc/>
    public void Blind(long now)
    {
    }
}
