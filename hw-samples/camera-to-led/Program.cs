using System.Device.Gpio;
using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Gpio;
using EdgeConv.Devices.Watching;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Samples.CameraToLed;

/// <summary>MODEL.ecm CAMERA: the LED of what the camera sees goes on, until Ctrl-C.</summary>
public static class Program
{
    /// <summary>Runs it.</summary>
    /// <param name="args">The model and the camera.</param>
    /// <returns>0 when it was stopped, 1 when it could not begin or go on, 2 for other arguments.</returns>
    public static int Main(string[] args)
    {
        if (args.Length != 2)
        {
            Console.Error.WriteLine($"usage: camera-to-led MODEL.ecm CAMERA      CAMERA: {CameraUri.Forms}");
            return 2;
        }

        try
        {
            using FrameClassifier classifier = new(Model.Open(args[0]), KernelPath.Default);
            using GpioController controller = GpioChips.Open(null);
            using Lamps lamps = new(controller, classifier.Classes, Console.Out);
            using IFrameSource camera = FrameSources.Open(CameraUri.Parse(args[1]), Console.Error.WriteLine, mustBeThere: false);
            using Watcher watcher = new(camera, classifier, new DecisionRules(Threshold: 0.7f, Votes: 5), [lamps]);

            // The end of the watching turns the LEDs off.
            using StopSignals signals = new(watcher.Stop);
            watcher.Run();
            return 0;
        }
        catch (Exception error) when (error is ModelFormatException or FrameException or GpioException or IOException or UnauthorizedAccessException
            or InvalidOperationException)
        {
            Console.Error.WriteLine($"camera-to-led: {error.Message}");
            return 1;
        }
    }
}
