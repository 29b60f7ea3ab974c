namespace EdgeConv.Agent.Configuring;

/// <summary>[serve]: the page that shows what the camera sees.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="TokenFile">The file with the token that it asks for, or null.</param>
internal sealed record ServeSettings(string Address, string? TokenFile)
{
    /// <summary>Reads the table.</summary>
    public static ServeSettings Read(TomlTable table, Paths paths)
    {
        if (!table.Has("address"))
        {
            table.Need("address");
        }

        ServeSettings settings = new(table.Text("address") ?? "", paths.Of(table.Text("token-file")));
        table.RefuseOthers();
        return settings;
    }
}
