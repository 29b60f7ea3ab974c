using System.Device.Pwm;
using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Watching;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;
using Iot.Device.ServoMotor;

namespace EdgeConv.Samples.CameraToServo;

/// <summary>MODEL.ecm CAMERA: the arm of a servo points at what the camera sees, until Ctrl-C.</summary>
public static class Program
{
    // SG90: pulses of 500 to 2400 microseconds, fifty a second, turn it by 180 degrees.
    private const int PulsesASecond = 50;
    private const double Range = 180, ShortestPulse = 500, LongestPulse = 2400;

    /// <summary>Runs it.</summary>
    /// <param name="args">The model and the camera.</param>
    /// <returns>0 when it was stopped, 1 when it could not begin or go on, 2 for other arguments.</returns>
    public static int Main(string[] args)
    {
        if (args.Length != 2)
        {
            Console.Error.WriteLine($"usage: camera-to-servo MODEL.ecm CAMERA      CAMERA: {CameraUri.Forms}");
            return 2;
        }

        try
        {
            using FrameClassifier classifier = new(Model.Open(args[0]), KernelPath.Default);
            using PwmChannel pwm = OpenPwm();
            using ServoMotor servo = new(pwm, Range, ShortestPulse, LongestPulse);
            Pointer pointer = new(servo, Range, Console.Out);
            using IFrameSource camera = FrameSources.Open(CameraUri.Parse(args[1]), Console.Error.WriteLine, mustBeThere: false);

            // The arm needs a third of a second for a half circle: a class that is gone before would only make it shiver.
            DecisionRules rules = new(Threshold: 0.7f, Votes: 5, Hold: TimeSpan.FromMilliseconds(500));
            using Watcher watcher = new(camera, classifier, rules, [pointer]);
            using StopSignals signals = new(watcher.Stop);
            watcher.Run();
            return 0;
        }
        catch (Exception error) when (error is ModelFormatException or FrameException or IOException or UnauthorizedAccessException
            or InvalidOperationException or PlatformNotSupportedException)
        {
            Console.Error.WriteLine($"camera-to-servo: {error.Message}");
            return 1;
        }
    }

    private static PwmChannel OpenPwm()
    {
        try
        {
            return PwmChannel.Create(chip: 0, channel: 0, PulsesASecond, dutyCyclePercentage: 0);
        }
        catch (ArgumentException error)
        {
            throw new IOException($"no PWM here: is dtoverlay=pwm,pin=18,func=2 in /boot/firmware/config.txt? ({error.Message})", error);
        }
    }
}
