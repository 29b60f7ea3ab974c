using System.Device.Pwm;

namespace EdgeConv.Samples.CameraToServo;

/// <summary>A servo whose angle is the length of a pulse, fifty of which come a second.</summary>
public sealed class Servo
{
    /// <summary>Pulses a second.</summary>
    public const int Frequency = 50;

    private readonly PwmChannel _channel;
    private readonly TimeSpan _shortest, _longest;

    /// <param name="channel">Makes the pulses, <see cref="Frequency"/> of them a second; stays the caller's, and is started with the first angle.</param>
    /// <param name="range">Degrees that it can turn.</param>
    /// <param name="shortest">The pulse for 0 degrees.</param>
    /// <param name="longest">The pulse for <paramref name="range"/>.</param>
    /// <exception cref="ArgumentException">The channel has another frequency.</exception>
    public Servo(PwmChannel channel, double range, TimeSpan shortest, TimeSpan longest)
    {
        if (channel.Frequency != Frequency)
        {
            throw new ArgumentException($"the channel gives {channel.Frequency} pulses a second; expected {Frequency}.", nameof(channel));
        }

        _channel = channel;
        (Range, _shortest, _longest) = (range, shortest, longest);
    }

    /// <summary>Degrees that it can turn.</summary>
    public double Range { get; }

    /// <summary>Turns the arm.</summary>
    /// <param name="degrees">0 to <see cref="Range"/>.</param>
    public void TurnTo(double degrees)
    {
        TimeSpan pulse = _shortest + (_longest - _shortest) * (degrees / Range);
        _channel.DutyCycle = pulse.TotalSeconds * Frequency;
        _channel.Start();
    }
}
