using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Watching;

namespace EdgeConv.Samples.CameraToServo;

/// <summary>A servo whose arm points at the decided class on a half circle; it stays where it is while none is decided.</summary>
/// <param name="servo">Has the arm.</param>
/// <param name="output">Told every turn.</param>
public sealed class Pointer(Servo servo, TextWriter output) : IWatchListener
{
    /// <inheritdoc/>
    public void Seen(in Observation observation)
    {
        if (observation.IsChange && observation.Decided != ClassDecider.Unknown)
        {
            // The middle of the class's sector.
            double angle = servo.Range * (observation.Decided + 0.5) / observation.Classifier.Classes;
            servo.TurnTo(angle);
            output.WriteLine($"{observation.Label}, {angle:F0} degrees");
        }
    }

    /// <inheritdoc/>
    public void Blind(long now)
    {
    }
}
