namespace EdgeConv.Cli.Files;

/// <summary>Finds the checkout that this program was built from, for the parts that need its scripts or projects.</summary>
internal static class Repository
{
    /// <summary>The folder of EdgeConv.sln, above the program or, unless that is a packaged one, the working directory; null outside a checkout.</summary>
    public static string? Root() => Up(AppContext.BaseDirectory) ?? (Kit.IsPackaged ? null : Up(Directory.GetCurrentDirectory()));

    private static string? Up(string? folder)
    {
        for (; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "EdgeConv.sln")))
            {
                return folder;
            }
        }

        return null;
    }
}
