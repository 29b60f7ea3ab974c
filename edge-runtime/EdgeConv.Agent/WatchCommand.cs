using System.Device.Gpio;
using System.Globalization;
using System.Runtime.InteropServices;
using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Gpio;
using EdgeConv.Devices.Watching;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Agent;

/// <summary>Watches a camera: says which class it sees, switches a GPIO line a class, saves frames for training.</summary>
internal static class WatchCommand
{
    /// <summary>The options of run --camera.</summary>
    public static IReadOnlyList<string> Options { get; } =
        ["--camera", "--frames", "--save-as", "--to", "--pins", "--active", "--threshold", "--votes", "--hold"];

    /// <summary>run MODEL --camera URI.</summary>
    public static void Execute(Arguments arguments, TextWriter output)
    {
        DecisionRules rules = new(
            (float)arguments.Real("--threshold", 0.5, 1), arguments.Count("--votes", 5), 0, TimeSpan.FromMilliseconds(arguments.Real("--hold", 0, 3_600_000)));
        CameraUri uri = Parse(arguments.Option("--camera")!);
        KernelPath path = arguments.Option("--path") is string name ? KernelPath.Parse(name) : KernelPath.Default;
        using FrameClassifier classifier = new(Model.Open(arguments.ExpectWords(1)[0]), path, arguments.Threads());
        TextWriter log = TextWriter.Synchronized(output);
        using GpioController? controller = arguments.Option("--pins") is null ? null : OpenGpio();
        using ClassPins? pins = controller is null ? null : OpenPins(controller, arguments, classifier.Classes);
        List<IWatchListener> listeners = [new ChangeLog(log)];
        if (pins is not null)
        {
            listeners.Add(new PinListener(pins));
        }

        if (Folder(arguments) is { } folder)
        {
            listeners.Add(new FrameSaver(folder));
        }

        using IFrameSource source = FrameSources.Open(uri, log.WriteLine, mustBeThere: false);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using Watcher watcher = new(source, classifier, rules, listeners);
        watcher.Run(arguments.Option("--frames") is null ? long.MaxValue : arguments.Count("--frames"));

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            (source as LiveCamera)?.Stop();
        }
    }

    private static CameraUri Parse(string text)
    {
        try
        {
            return CameraUri.Parse(text);
        }
        catch (FrameException error)
        {
            throw new UsageException(error.Message);
        }
    }

    private static FrameFolder? Folder(Arguments arguments) => (arguments.Option("--save-as"), arguments.Option("--to")) switch
    {
        (null, null) => null,
        (string name, string root) => new FrameFolder(root, name),
        _ => throw new UsageException("to save frames give both --save-as CLASS and --to FOLDER."),
    };

    private static GpioController OpenGpio()
    {
        try
        {
            return new GpioController();
        }
        catch (Exception error)
        {
            throw new FailureException($"no GPIO lines here ({error.Message}); install libgpiod, and run it as a user of the group gpio.");
        }
    }

    private static ClassPins OpenPins(GpioController controller, Arguments arguments, int classes)
    {
        string text = arguments.Option("--pins")!;
        int[] pins = [.. text.Split(',').Select(part =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int pin) ? pin : part == "-" ? ClassPins.NoLine : int.MinValue)];
        int[] lines = [.. pins.Where(pin => pin != ClassPins.NoLine)];
        if (pins.Length != classes || pins.Contains(int.MinValue) || lines.Length == 0 || lines.Distinct().Count() != lines.Length)
        {
            throw new UsageException($"--pins {text}: expected {classes} different line numbers, one a class, separated by commas; - for none.");
        }

        bool activeLow = arguments.Option("--active") switch
        {
            null or "high" => false,
            "low" => true,
            string other => throw new UsageException($"--active {other}: expected high or low."),
        };
        try
        {
            return new ClassPins(controller, pins, activeLow);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new FailureException($"--pins {text}: {error.Message}");
        }
    }
}
