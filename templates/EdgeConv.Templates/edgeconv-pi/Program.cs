using System.Device.Gpio;
using CameraToGpio;
using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Gpio;
using EdgeConv.Devices.Watching;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;

if (args.Length is < 1 or > 3)
{
    Console.Error.WriteLine($"""
        usage: CAMERA [MODEL.ecm [LINES]]
          CAMERA  {CameraUri.Forms}
          LINES   GPIO lines of class 0, 1, 2...: 17,27,22; without them the class is only printed
        """);
    return 2;
}

string modelFile = args.Length > 1 ? args[1] : Path.Combine(AppContext.BaseDirectory, "digits.ecm");
int[] lines = args.Length > 2 ? [.. args[2].Split(',').Select(int.Parse)] : [];
try
{
    using FrameClassifier classifier = new(Model.Open(modelFile), KernelPath.Default);
    using GpioController? controller = lines.Length > 0 ? GpioChips.Open(null) : null;
    using ClassPins? pins = controller is null ? null : new(controller, lines);
    using IFrameSource camera = FrameSources.Open(CameraUri.Parse(args[0]), Console.Error.WriteLine, mustBeThere: false);

    // A class counts as seen when most of the last frames say so; of pictures that are played once, each counts.
    int votes = args[0].StartsWith("folder:", StringComparison.Ordinal) ? 1 : 5;
    using Watcher watcher = new(camera, classifier, new DecisionRules(Threshold: 0.7f, Votes: votes), [new Lamps(pins, Console.Out)]);

    // Ctrl-C ends the watching, which turns the lines off.
    using StopSignals signals = new(watcher.Stop);
    watcher.Run();
    return 0;
}
catch (Exception error) when (error is ModelFormatException or FrameException or GpioException or IOException or UnauthorizedAccessException
    or ArgumentException or FormatException or InvalidOperationException)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}
