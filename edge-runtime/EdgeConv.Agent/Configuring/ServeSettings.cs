using EdgeConv.Agent.Serving;

namespace EdgeConv.Agent.Configuring;

/// <summary>[serve]: the page that shows what the camera sees.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="TokenFile">The file with the token that it asks for, or null.</param>
/// <param name="Frames">The folder of the labelled frames that are saved there, or null.</param>
internal sealed record ServeSettings(string Address, string? TokenFile, string? Frames)
{
    /// <summary>The options of the command line that say the same.</summary>
    public static IReadOnlyList<string> Options { get; } = ["--serve", "--token-file", "--frames-to"];

    /// <summary>Reads the table.</summary>
    public static ServeSettings Read(TomlTable table, Paths paths)
    {
        table.Need("address");

        ServeSettings settings = new(table.Text("address") ?? ":0", paths.Of(table.Text("token-file")), paths.Of(table.Text("frames")));
        try
        {
            ServeAddress.Parse(settings.Address);
        }
        catch (UsageException error)
        {
            table.Mistake("address", error.Message);
        }

        table.RefuseOthers();
        return settings;
    }

    /// <summary>The file's, and over it the command line's; null where neither wants a page.</summary>
    /// <exception cref="UsageException">The address is none, or there is no page for the other options.</exception>
    public static ServeOptions? Over(ServeSettings? file, Arguments arguments)
    {
        if ((arguments.Option("--serve") ?? file?.Address) is not { } address)
        {
            arguments.Refuse(Options, "goes with --serve");
            return null;
        }

        return ServeOptions.Create(address, arguments.Option("--token-file") ?? file?.TokenFile, arguments.Option("--frames-to") ?? file?.Frames);
    }
}
