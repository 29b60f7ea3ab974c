using EdgeConv.Agent.Operating;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Updating;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Agent.Configuring;

/// <summary>[update]: whose models run here, and where packages go.</summary>
internal sealed record UpdateSettings
{
    private const string Missing = "there is no such file or folder.";

    /// <summary>The options of the command line that say the same.</summary>
    public static IReadOnlyList<string> Options { get; } = ["--key", "--slots"];

    /// <summary>The slots' folder, or null where there are none.</summary>
    public string? Slots { get; private init; }

    /// <summary>Files of public keys; without one signatures are not looked at.</summary>
    public IReadOnlyList<string> Keys { get; private init; } = [];

    /// <summary>Whether the keys are keys, and the slots no file; what is wrong was noted.</summary>
    public bool IsSound { get; private init; } = true;

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
    /// <param name="table">[update], or null.</param>
    /// <param name="paths">Where relative paths start.</param>
    public static UpdateSettings Read(TomlTable? table, Paths paths)
    {
        if (table is null)
        {
            return new UpdateSettings();
        }

        UpdateSettings none = new();
        IReadOnlyList<(string Text, Place Place)> keys = table.Words("key", oneAlone: true) ?? [];
        UpdateSettings settings = new()
        {
            Slots = paths.Of(table.Text("slots")),
            Keys = [.. keys.Select(key => paths.Of(key.Text)!)],
            AllowsRollback = table.Flag("allow-rollback"),
            Latency = table.TimeAboveZero("latency"),
            Frames = paths.Of(table.Text("frames")),
            LeastAccuracy = table.Number("least-accuracy", 0, 1) ?? none.LeastAccuracy,
            Trial = table.TimeAboveZero("trial") ?? none.Trial,
        };
        if (settings.Frames is { } folder && !Directory.Exists(folder))
        {
            table.Mistake("frames", Missing);
        }

        table.RefuseOthers();
        (Place Place, string Message)[] wrong = [.. keys.Zip(settings.Keys, (key, file) => (key.Place, Message: KeyMistake(file, paths.LooksAtFiles)))
            .Where(key => key.Message is not null).Select(key => (key.Place, $"key: {key.Message}"))];
        foreach ((Place place, string message) in wrong)
        {
            table.Mistakes.Add(place, message);
        }

        bool isFile = paths.LooksAtFiles && File.Exists(settings.Slots);
        if (isFile)
        {
            table.Mistake("slots", $"{settings.Slots} is a file; expected a folder, which is made where there is none.");
        }

        return settings with { IsSound = wrong.Length == 0 && !isFile };
    }

    /// <summary>What is wrong with a key's file, or null.</summary>
    private static string? KeyMistake(string file, bool looksInside)
    {
        if (!File.Exists(file))
        {
            return Missing;
        }

        try
        {
            _ = looksInside ? PublicKey.Open(file) : null;
            return null;
        }
        catch (PackageException error) when (error.Reason == UpdateReason.NoCryptography)
        {
            // The system's mistake, not the file's: whoever needs the key says so.
            return null;
        }
        catch (Exception error) when (error is PackageException or IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
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
    /// <exception cref="NoSlotsException">None are named.</exception>
    public ModelSlots OpenSlots() => new(Slots ?? throw new NoSlotsException("no slots; give --slots FOLDER, or in the configuration: [update] slots = \"/var/lib/edgeconv/slots\"."));

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
