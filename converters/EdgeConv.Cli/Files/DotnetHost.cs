namespace EdgeConv.Cli.Files;

/// <summary>The `dotnet` that runs this program, which need not be on the PATH.</summary>
internal static class DotnetHost
{
    /// <summary>Path or name of the program.</summary>
    public static string Program { get; } =
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet"
            ? path
            : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
}
