using System.Device.Gpio;
using System.Globalization;
using System.Runtime.InteropServices;
using EdgeConv.Agent.Configuring;
using EdgeConv.Agent.Operating;
using EdgeConv.Agent.Serving;
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
    /// <summary>The options of run that belong to a camera.</summary>
    public static IReadOnlyList<string> Options { get; } = [.. WatchSettings.Options, "--frames", "--save-as", "--to"];

    /// <summary>run MODEL --camera URI | run --config FILE.</summary>
    public static void Execute(Arguments arguments, TextWriter output)
    {
        WatchSettings settings = WatchSettings.Read(arguments);
        using FrameClassifier classifier = settings.OpenModel();
        Journal log = Journal.On(output);
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

        using IFrameSource source = FrameSources.Open(settings.Camera, log.Information, mustBeThere: false);
        using ServedPage? page = settings.Serve is { } serve ? ServedPage.Open(serve with { Period = settings.Period }, settings.Camera.ToString(), log) : null;
        using WatchSession session = WatchSession.Begin(log, page, source, settings.Period, listeners);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using Watcher watcher = new(source, classifier, settings.Decide, listeners) { Period = settings.Period };
        session.Follow(settings, watcher, pins is null ? null : classifier.Classes);
        watcher.Run(arguments.Option("--frames") is null ? long.MaxValue : arguments.Count("--frames"));

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            (source as LiveCamera)?.Stop();
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
