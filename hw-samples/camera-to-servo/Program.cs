using System.Device.Pwm;
using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Watching;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Samples.CameraToServo;
using Iot.Device.ServoMotor;

// SG90: pulses of 0.5 to 2.4 ms, fifty a second, turn it by 180 degrees.
const int PulsesASecond = 50;
const double Range = 180, ShortestPulse = 500, LongestPulse = 2400;

if (args.Length != 2)
{
    Console.Error.WriteLine($"usage: camera-to-servo MODEL.ecm CAMERA      CAMERA: {CameraUri.Forms}");
    return 2;
}

try
{
    using FrameClassifier classifier = new(Model.Open(args[0]), KernelPath.Default);
    using PwmChannel pwm = PwmChannel.Create(chip: 0, channel: 0, PulsesASecond);
    using ServoMotor servo = new(pwm, Range, ShortestPulse, LongestPulse);
    using IFrameSource camera = FrameSources.Open(CameraUri.Parse(args[1]), Console.Error.WriteLine, mustBeThere: false);

    // The arm needs a third of a second for a half circle: a class that is gone before would only make it shiver.
    DecisionRules rules = new(Threshold: 0.7f, Votes: 5, Hold: TimeSpan.FromMilliseconds(500));
    using Watcher watcher = new(camera, classifier, rules, [new Pointer(servo, Range)]);
    using StopSignals signals = new(watcher.Stop);
    servo.Start();
    watcher.Run();
    servo.Stop();
    return 0;
}
catch (Exception error) when (error is ModelFormatException or FrameException or IOException or UnauthorizedAccessException
    or InvalidOperationException or PlatformNotSupportedException)
{
    Console.Error.WriteLine($"camera-to-servo: {error.Message}");
    return 1;
}
