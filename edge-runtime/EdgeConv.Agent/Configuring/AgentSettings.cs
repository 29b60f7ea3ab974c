using EdgeConv.Agent.Operating;
using EdgeConv.Devices.Acting;
using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Updating;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Agent.Configuring;

/// <summary>What a configuration file says; AGENT.md is its manual. What it leaves out is null, so that the command line or a default takes its place.</summary>
internal sealed record AgentSettings
{
    /// <summary>The model's file; a relative path starts at the configuration's folder.</summary>
    public string? Model { get; private init; }

    /// <summary>The camera.</summary>
    public string? Camera { get; private init; }

    /// <summary>Threads that share the work of large layers.</summary>
    public int? Threads { get; private init; }

    /// <summary>The kernel path's name.</summary>
    public string? Path { get; private init; }

    /// <summary>[decide].</summary>
    public required DecideSettings Decide { get; init; }

    /// <summary>[gpio].</summary>
    public required GpioSettings Gpio { get; init; }

    /// <summary>[serve], or null.</summary>
    public ServeSettings? Serve { get; private init; }

    /// <summary>[mqtt], or null.</summary>
    public MqttSettings? Mqtt { get; private init; }

    /// <summary>[update].</summary>
    public required UpdateSettings Update { get; init; }

    /// <summary>[fleet], or null.</summary>
    public FleetSettings? Fleet { get; private init; }

    /// <summary>Every [[rule]].</summary>
    public IReadOnlyList<Rule> Rules { get; private init; } = [];

    /// <summary>Reads a file and checks it against its model, or the one that the command line names.</summary>
    /// <param name="file">The file.</param>
    /// <param name="model">The model of the command line, or null.</param>
    /// <param name="looksAtFiles">False for those who only need to know the lines, or the slots: a damaged model, a key that is none, or a secret that they may not read must not keep them on.</param>
    /// <exception cref="ConfigurationException">What the file says makes no sense: all of it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be read.</exception>
    public static AgentSettings Read(string file, string? model = null, bool looksAtFiles = true)
    {
        Mistakes mistakes = new(file);
        TomlTable root = TomlReader.Read(File.ReadAllText(file), mistakes);
        Paths paths = new(file, looksAtFiles);
        RuleReader rules = new(root, paths);
        UpdateSettings update = UpdateSettings.Read(root.Table("update"), paths);
        AgentSettings settings = new()
        {
            Model = paths.Of(root.Text("model")),
            Camera = ReadCamera(root),
            Threads = root.Whole("threads", 1, Interpreter.MostThreads),
            Path = ReadPath(root),
            Decide = DecideSettings.Read(root.Table("decide")),
            Gpio = rules.Gpio,
            Serve = root.Table("serve") is { } serve ? ServeSettings.Read(serve, paths) : null,
            Mqtt = rules.Mqtt,
            Update = update,
            Fleet = FleetSettings.Read(root.Table("fleet"), paths, update),
            Rules = rules.Rules,
        };
        root.RefuseOthers();
        if (looksAtFiles)
        {
            CheckModel(root, settings, rules, model);
        }

        mistakes.ThrowIfAny();
        return settings;
    }

    private static void CheckModel(TomlTable root, AgentSettings settings, RuleReader rules, string? model)
    {
        // What is wrong with its keys and slots was noted.
        if (!settings.Update.IsSound)
        {
            return;
        }

        string? file = model ?? settings.Model;
        ModelSource source = settings.Update.OpenSource(file);
        if (source.FileNow() is not { } path)
        {
            return;
        }

        try
        {
            Runtime.Model opened = path == file ? ModelFile.Open(path, settings.Update.OpenTrust()) : ModelFile.Named(path, () => Runtime.Model.Load(source.Read().Span));
            using FrameClassifier classifier = new(opened, KernelPath.All[^1]);
            rules.CheckClasses(classifier);
        }
        catch (Exception error) when (path != file && ModelSource.IsBadFile(error))
        {
            // A slot, which is no mistake of this file: the one before will take its place.
        }
        catch (Exception error) when (model is null && ModelSource.IsBadFile(error))
        {
            root.Mistake("model", error.Message);
        }
    }

    private static string? ReadCamera(TomlTable root)
    {
        string? text = root.Text("camera");
        try
        {
            return text is null ? null : CameraUri.Parse(text).ToString();
        }
        catch (FrameException error)
        {
            root.Mistake("camera", error.Message);
            return null;
        }
    }

    private static string? ReadPath(TomlTable root)
    {
        string? name = root.Text("path");
        try
        {
            return name is null ? null : KernelPath.Parse(name).Name;
        }
        catch (KernelPathException error)
        {
            root.Mistake("path", error.Message);
            return null;
        }
    }
}

/// <summary>Relative paths of a configuration file start at its own folder, from wherever the program is started.</summary>
/// <param name="file">The configuration.</param>
/// <param name="looksAtFiles">Whether what the files hold is looked at.</param>
internal sealed class Paths(string file, bool looksAtFiles = true)
{
    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(file))!;

    /// <summary>Whether keys, secrets and certificates are opened, and what is wrong with them is a mistake.</summary>
    public bool LooksAtFiles => looksAtFiles;

    /// <summary>A path that a file's folder does not matter to; null stays null.</summary>
    public string? Of(string? path) => path is null ? null : Path.Combine(_folder, path);
}
