using EdgeConv.Agent.Operating;
using EdgeConv.Agent.Serving;
using EdgeConv.Devices.Acting;
using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Updating;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Agent.Configuring;

/// <summary>What to watch and how: the configuration file, and over it the command line.</summary>
internal sealed record WatchSettings
{
    /// <summary>The options of the command line that say it.</summary>
    public static IReadOnlyList<string> Options { get; } =
        ["--camera", "--config", "--pins", "--active", "--threshold", "--votes", "--hold", .. ServeSettings.Options, .. UpdateSettings.Options];

    /// <summary>Where the model comes from.</summary>
    public required ModelSource Source { get; init; }

    /// <summary>How long a new package must do well.</summary>
    public required TimeSpan Trial { get; init; }

    /// <summary>[update], and over it the command line.</summary>
    public required UpdateSettings Update { get; init; }

    /// <summary>The camera.</summary>
    public required CameraUri Camera { get; init; }

    /// <summary>The kernels.</summary>
    public required KernelPath Path { get; init; }

    /// <summary>Threads that share the work of large layers.</summary>
    public required int Threads { get; init; }

    /// <summary>When a class counts as seen.</summary>
    public required DecisionRules Decide { get; init; }

    /// <summary>The part of the frame, or null for all of it.</summary>
    public FrameRegion? Region { get; init; }

    /// <summary>The least time between two frames that are looked at.</summary>
    public TimeSpan Period { get; init; }

    /// <summary>What is done when a class is seen.</summary>
    public IReadOnlyList<Rule> Rules { get; init; } = [];

    /// <summary>[gpio].</summary>
    public required GpioSettings Gpio { get; init; }

    /// <summary>[mqtt], or null.</summary>
    public MqttSettings? Mqtt { get; init; }

    /// <summary>[fleet], or null.</summary>
    public FleetSettings? Fleet { get; init; }

    /// <summary>The page, or null.</summary>
    public ServeOptions? Serve { get; init; }

    /// <summary>Reads both.</summary>
    /// <exception cref="UsageException">The command line makes no sense, or neither names a model and a camera.</exception>
    /// <exception cref="ConfigurationException">The file makes no sense.</exception>
    public static WatchSettings Read(Arguments arguments)
    {
        string? model = arguments.AtMostOneModel();
        string? file = arguments.Option("--config");
        AgentSettings? settings = file is null ? null : AgentSettings.Read(file, model);
        UpdateSettings update = (settings?.Update ?? new UpdateSettings()).Over(arguments);
        ModelSource source = update.OpenSource(model ?? settings?.Model);
        _ = source.File;   // which says where there is none
        DecisionRules decide = settings?.Decide.Rules ?? new DecisionRules();
        double longestHold = DecideSettings.LongestHold.TotalMilliseconds;
        return new WatchSettings
        {
            Source = source,
            Trial = update.Trial,
            Update = update,
            Camera = ReadCamera(arguments.Option("--camera") ?? settings?.Camera),
            Path = (arguments.Option("--path") ?? settings?.Path) is string name ? KernelPath.Parse(name) : KernelPath.Default,
            Threads = arguments.Option("--threads") is null && settings?.Threads is { } threads ? threads : arguments.Threads(),
            Decide = decide with
            {
                Threshold = (float)arguments.Real("--threshold", decide.Threshold, 1),
                Votes = arguments.Count("--votes", decide.Votes),
                // The file's margin belongs to the file's number of votes.
                Margin = arguments.Option("--votes") is null ? decide.Margin : 0,
                Hold = TimeSpan.FromMilliseconds(arguments.Real("--hold", decide.Hold.TotalMilliseconds, longestHold)),
            },
            Region = settings?.Decide.Region,
            Period = settings?.Decide.MostFramesASecond is { } rate ? TimeSpan.FromSeconds(1 / rate) : TimeSpan.Zero,
            Rules = settings?.Rules ?? [],
            Gpio = settings?.Gpio ?? GpioSettings.Read(null),
            Mqtt = settings?.Mqtt,
            Fleet = settings?.Fleet,
            Serve = ServeSettings.Over(settings?.Serve, arguments),
        };
    }

    /// <summary>
    /// Opens the model. Read into memory, not mapped as elsewhere: a file that is cut or overwritten in its place must not take the pages, and with
    /// them the process, away from under a running model.
    /// </summary>
    /// <exception cref="Runtime.Format.ModelFormatException">The file is no model.</exception>
    /// <exception cref="FrameException">The model takes no pictures.</exception>
    /// <exception cref="PackageException">Nobody that this board trusts signed it.</exception>
    public FrameClassifier OpenModel() => new(Runtime.Model.Load(Source.Read().Span), Path, Threads) { Region = Region };

    private static CameraUri ReadCamera(string? text)
    {
        try
        {
            return CameraUri.Parse(text ?? throw new UsageException("no camera; give --camera URI, or in the configuration: camera = \"v4l2:/dev/video0\"."));
        }
        catch (FrameException error)
        {
            throw new UsageException(error.Message);
        }
    }
}
