using EdgeConv.Agent.Operating;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Updating;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Agent.Configuring;

/// <summary>[update]: whose models run here, and where packages go.</summary>
internal sealed record UpdateSettings
{
    /// <summary>The options of the command line that say the same.</summary>
    public static IReadOnlyList<string> Options { get; } = ["--key", "--slots"];

    /// <summary>The slots' folder, or null where there are none.</summary>
    public string? Slots { get; private init; }

    /// <summary>Files of public keys; without one signatures are not looked at.</summary>
    public IReadOnlyList<string> Keys { get; private init; } = [];

    /// <summary>Whether these files are there.</summary>
    public bool HasKeys => Keys.All(File.Exists);

    /// <summary>An older version may come back.</summary>
    public bool AllowsRollback { get; init; }

    /// <summary>The longest that an inference may take.</summary>
    public TimeSpan? Latency { get; private init; }

    /// <summary>Pictures a class that every model must know, or null.</summary>
    public string? Frames { get; private init; }

    /// <summary>The part of them.</summary>
    public double LeastAccuracy { get; private init; } = 1;

    /// <summary>How long a new model must answer frames until it is confirmed.</summary>
    public TimeSpan Trial { get; private init; } = TimeSpan.FromMinutes(1);

    /// <summary>Reads the table; null is one without keys.</summary>
    public static UpdateSettings Read(TomlTable? table, Paths paths)
    {
        if (table is null)
        {
            return new UpdateSettings();
        }

        UpdateSettings none = new();
        UpdateSettings settings = new()
        {
            Slots = paths.Of(table.Text("slots")),
            Keys = [.. (table.Words("key", oneAlone: true) ?? []).Select(word => paths.Of(word.Text)!)],
            AllowsRollback = table.Flag("allow-rollback"),
            Latency = table.Time("latency"),
            Frames = paths.Of(table.Text("frames")),
            LeastAccuracy = table.Number("least-accuracy", 0, 1) ?? none.LeastAccuracy,
            Trial = table.Time("trial") ?? none.Trial,
        };
        foreach ((string key, bool isMissing) in new[]
        {
            ("key", !settings.HasKeys),
            ("frames", settings.Frames is { } folder && !Directory.Exists(folder)),
        })
        {
            if (isMissing)
            {
                table.Mistake(key, "there is no such file or folder.");
            }
        }

        table.RefuseOthers();
        return settings;
    }

    /// <summary>The file's, and over it the command line's.</summary>
    public UpdateSettings Over(Arguments arguments) => this with
    {
        Slots = arguments.Option("--slots") is { } folder ? Path.GetFullPath(folder) : Slots,
        Keys = arguments.Option("--key") is { } key ? [key] : Keys,
    };

    /// <summary>The keys, opened.</summary>
    /// <exception cref="PackageException">One is no key.</exception>
    public Trust OpenTrust() => Keys.Count == 0 ? Trust.Everybody : Trust.Open(Keys);

    /// <summary>The slots, opened.</summary>
    /// <exception cref="UsageException">None are named.</exception>
    public ModelSlots OpenSlots() => new(Slots ?? throw new UsageException("no slots; give --slots FOLDER, or in the configuration: [update] slots = \"/var/lib/edgeconv/slots\"."));

    /// <summary>Where the model comes from.</summary>
    /// <param name="model">What runs until there is a package, or null.</param>
    public ModelSource OpenSource(string? model) => new(model, Slots is null ? null : OpenSlots(), OpenTrust());

    /// <summary>The gate before the slots; a fleet's client hands packages to the same one.</summary>
    /// <param name="objection">Why the configuration cannot do with a model.</param>
    /// <param name="path">The kernels that it will run on.</param>
    /// <param name="threads">Threads that it will run on.</param>
    public IUpdateGate OpenGate(Func<FrameClassifier, string?> objection, KernelPath path, int threads) => new UpdateGate(OpenSlots(), new GateOptions
    {
        Agent = AgentProgram.Version,
        Trust = OpenTrust(),
        Path = path,
        Threads = threads,
        Latency = Latency,
        Frames = Frames,
        LeastAccuracy = LeastAccuracy,
        AllowsRollback = AllowsRollback,
        Objection = objection,
    });
}
