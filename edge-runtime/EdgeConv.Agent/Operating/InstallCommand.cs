using EdgeConv.Agent.Configuring;
using EdgeConv.Devices.Acting;

namespace EdgeConv.Agent.Operating;

/// <summary>Makes the agent a service of this machine, and takes it away again.</summary>
internal static class InstallCommand
{
    /// <summary>The options of install.</summary>
    public static IReadOnlyList<string> Options { get; } = ["--config", "--user", "--root", "--agent", "--scope"];

    private const string DefaultConfig = "/etc/edgeconv/agent.toml";
    private static readonly string[] _groups = ["video", "gpio", "render"];

    /// <summary>install [MODEL] [--config FILE] [--user NAME] [--root DIR] [--agent FILE] [--scope system|user].</summary>
    public static void Install(Arguments arguments, TextWriter output)
    {
        Target target = Target.Of(arguments);
        string? model = arguments.AtMostOneModel() is { } word ? FullPath(word) : null;
        string config = FullPath(arguments.Option("--config") ?? DefaultConfig);
        string agent = FullPath(arguments.Option("--agent") ?? Environment.ProcessPath!);
        Expect(target, config, "The agent.toml that comes with the agent, in a checkout hw-samples/agent.toml, is one to start from.");
        Expect(target, agent, "Name the program that the service starts: --agent FILE.");
        Expect(target, model ?? agent, target.Root is null ? "Name the model file (.ecm)." : "The model must be in the image.");
        string? user = arguments.Option("--user");
        RefuseHomes(target, user, config, agent, model ?? agent);
        string[] writes = target.Root is null ? Writes(config, model) : [];
        ServiceUnit unit = new(agent, config)
        {
            Model = model,
            User = user,
            Groups = [.. _groups.Intersect(Groups(target.At("/etc/group")))],
            Writes = user is null ? [] : writes,
            IsUsersOwn = target.IsUsersOwn,
        };
        Write(target, unit.Text());
        output.WriteLine($"wrote {target.File}");
        if (user is null && !target.IsUsersOwn)
        {
            foreach (string folder in writes)
            {
                output.WriteLine($"warning: a rule writes to {folder}, where the service's own account may not; use a folder in {ServiceUnit.StateFolder}, or --user NAME.");
            }
        }

        target.Systemctl(output, "daemon-reload");
        output.WriteLine($"next: {target.Command("enable --now edgeconv-agent")}");
        output.WriteLine($"then: {(target.IsUsersOwn ? "journalctl --user" : "journalctl")} -u edgeconv-agent -f");
    }

    /// <summary>uninstall [--root DIR] [--scope system|user].</summary>
    public static void Uninstall(Arguments arguments, TextWriter output)
    {
        arguments.ExpectWords();
        Target target = Target.Of(arguments);
        if (!File.Exists(target.File))
        {
            throw new FailureException($"{target.File}: no such file; there is nothing to take away.");
        }

        target.Systemctl(output, "disable", "--now", ServiceUnit.FileName);
        File.Delete(target.File);
        output.WriteLine($"removed {target.File}");
        target.Systemctl(output, "daemon-reload");
        output.WriteLine($"Model, configuration and {(target.IsUsersOwn ? "the state folder" : ServiceUnit.StateFolder)} are still there.");
    }

    private static void Expect(Target target, string file, string advice)
    {
        if (!File.Exists(target.At(file)))
        {
            throw new FailureException($"{target.At(file)}: no such file. {advice}");
        }
    }

    private static string FullPath(string path) => Path.GetFullPath(path);

    private static void Write(Target target, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target.File)!);
        using OutputFile file = new(target.File);
        file.Stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
        file.Commit();
    }

    // The account that systemd makes for the service has no way into anybody's home.
    private static void RefuseHomes(Target target, string? user, params string[] files)
    {
        string[] homes = ["/home/", "/root/"];
        if (user is null && !target.IsUsersOwn && files.FirstOrDefault(file => homes.Any(home => file.StartsWith(home, StringComparison.Ordinal))) is { } file)
        {
            throw new FailureException($"{file}: the service's own account may not look into a home. Put it into /opt/edgeconv or /etc/edgeconv, or give --user NAME.");
        }
    }

    private static IEnumerable<string> Groups(string file) =>
        File.Exists(file) ? File.ReadLines(file).Select(line => line.Split(':')[0]) : [];

    /// <summary>Reads the configuration, which tells of mistakes before the service does, and lists the folders that its rules write to.</summary>
    private static string[] Writes(string config, string? model)
    {
        AgentSettings settings = AgentSettings.Read(config, model);
        IEnumerable<string?> folders = settings.Rules.SelectMany(rule => rule.Actions).Select(action => action switch
        {
            SaveRule save => save.Folder,
            AppendRule append => Path.GetDirectoryName(append.File),
            _ => null,
        }).Append(settings.Update.Slots);
        return [.. folders.OfType<string>().Distinct().Where(folder =>
            folder != ServiceUnit.StateFolder && !folder.StartsWith(ServiceUnit.StateFolder + "/", StringComparison.Ordinal))];
    }
}
