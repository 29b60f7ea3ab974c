using System.Device.Gpio;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Gpio;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Agent;

/// <summary>Watches a camera: says which class it sees, switches a GPIO line a class, saves frames for training.</summary>
internal static class WatchCommand
{
    // Without a frame for so long nothing is seen any more, and every line is off.
    private static readonly TimeSpan _blindAfter = TimeSpan.FromSeconds(2);

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
        using Model model = Model.Open(arguments.ExpectWords(1)[0]);
        using FrameClassifier classifier = new(model, path, arguments.Threads());
        using GpioController? controller = arguments.Option("--pins") is null ? null : OpenGpio();
        using ClassPins? pins = controller is null ? null : OpenPins(controller, arguments, model.Output.Length);
        FrameFolder? folder = Folder(arguments);
        TextWriter log = TextWriter.Synchronized(output);
        using IFrameSource source = FrameSources.Open(uri, log.WriteLine, mustBeThere: false);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        ClassDecider decider = new(model.Output.Length, rules);
        long frames = arguments.Option("--frames") is null ? long.MaxValue : arguments.Count("--frames");
        Watch(source, classifier, decider, folder, frames, Show);

        void Show(in Frame frame)
        {
            pins?.Show(decider.Current);
            string label = decider.Current == ClassDecider.Unknown ? "unknown"
                : $"{(decider.Current < model.Labels.Count ? model.Labels[decider.Current] : $"class {decider.Current}")}  {classifier.Confidences[decider.Current]:F3}";
            log.WriteLine($"{frame.Number}  {label}");
            log.Flush();
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            (source as LiveCamera)?.Stop();
        }
    }

    private delegate void Change(in Frame frame);

    private static void Watch(
        IFrameSource source, FrameClassifier classifier, ClassDecider decider, FrameFolder? folder, long frames, Change change)
    {
        for (long seen = 0; seen < frames;)
        {
            FrameWait wait = source.Wait(_blindAfter, out Frame frame);
            if (wait == FrameWait.End)
            {
                return;
            }

            if (wait == FrameWait.Timeout)
            {
                if (decider.Reset())
                {
                    change(frame);
                }

                continue;
            }

            seen++;
            classifier.Run(frame.Picture);
            if (decider.Add(classifier.Confidences, Stopwatch.GetTimestamp()))
            {
                change(frame);
            }

            folder?.Save(frame.Picture);
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
