using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Watching;
using Iot.Device.ServoMotor;

namespace EdgeConv.Samples.CameraToServo;

/// <summary>A servo whose arm points at the decided class on a half circle; it stays where it is while none is decided.</summary>
/// <param name="servo">Started by the caller.</param>
/// <param name="range">Degrees that it can turn.</param>
internal sealed class Pointer(ServoMotor servo, double range) : IWatchListener
{
    public void Seen(in Observation observation)
    {
        if (observation.IsChange && observation.Decided != ClassDecider.Unknown)
        {
            double angle = Angle(observation.Decided, observation.Classifier.Classes);
            servo.WriteAngle(angle);
            Console.WriteLine($"{observation.Label}, {angle:F0} degrees");
        }
    }

    public void Blind(long now)
    {
    }

    /// <summary>The middle of the sector of a class.</summary>
    private double Angle(int index, int classes) => range * (index + 0.5) / classes;
}
