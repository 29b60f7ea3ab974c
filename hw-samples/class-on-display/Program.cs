using System.Device.I2c;
using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Watching;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Samples.ClassOnDisplay;

/// <summary>MODEL.ecm CAMERA: the digit that the camera sees stands on the display, until Ctrl-C.</summary>
public static class Program
{
    /// <summary>Runs it.</summary>
    /// <param name="args">The model and the camera.</param>
    /// <returns>0 when it was stopped, 1 when it could not begin or go on, 2 for other arguments.</returns>
    public static int Main(string[] args)
    {
        if (args.Length != 2)
        {
            Console.Error.WriteLine($"usage: class-on-display MODEL.ecm CAMERA      CAMERA: {CameraUri.Forms}");
            return 2;
        }

        try
        {
            using FrameClassifier classifier = new(Model.Open(args[0]), KernelPath.Default);
            using I2cDevice bus = I2cDevice.Create(new I2cConnectionSettings(busId: 1, deviceAddress: 0x3C));
            using DigitDisplay display = new(new Display(bus), classifier.Classes, Console.Out);
            using IFrameSource camera = FrameSources.Open(CameraUri.Parse(args[1]), Console.Error.WriteLine, mustBeThere: false);
            using Watcher watcher = new(camera, classifier, new DecisionRules(Threshold: 0.7f, Votes: 5), [display]);

            // The end of the watching leaves the display dark.
            using StopSignals signals = new(watcher.Stop);
            watcher.Run();
            return 0;
        }
        catch (Exception error) when (error is ModelFormatException or FrameException or IOException or UnauthorizedAccessException
            or InvalidOperationException or PlatformNotSupportedException)
        {
            Console.Error.WriteLine($"class-on-display: {error.Message}");
            return 1;
        }
    }
}
