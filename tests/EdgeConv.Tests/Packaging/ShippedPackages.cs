using System.Diagnostics;

namespace EdgeConv.Tests.Packaging;

/// <summary>
/// The packages as pack.sh builds them, and somebody who has nothing else: an empty home, an empty folder whose nuget.config names the folder of
/// packages beside the sources that this machine has anyway. What this machine's NuGet has already it need not fetch again.
/// </summary>
[CollectionDefinition(nameof(ShippedPackages))]
public sealed class ShippedPackages : IDisposable, ICollectionFixture<ShippedPackages>
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<string> _sixCommands;
    private readonly Lazy<string> _board;

    public ShippedPackages()
    {
        Missing = Start(RepositoryFolder.Path("tests", "emulators", "install.sh"), ["--check"], null).Output.Trim();
        if (Missing.Length == 0)
        {
            Packed = Start(RepositoryFolder.Path("pack.sh"), [], null);
            Directory.CreateDirectory(Work);
            Settings();
        }

        _sixCommands = new(() =>
        {
            long start = Stopwatch.GetTimestamp();
            string said = Do(string.Join('\n', SixCommands()));
            Took = Stopwatch.GetElapsedTime(start);
            return said;
        });
        _board = new(() =>
        {
            Do("dotnet new edgeconv-nano -o board");
            return Do("dotnet build -v minimal -nologo", "board");
        });
    }

    /// <summary>What the emulators lack here; empty for nothing.</summary>
    public string Missing { get; }

    /// <summary>What pack.sh said.</summary>
    public (int Code, string Output) Packed { get; }

    /// <summary>Where the packages are.</summary>
    public string Feed { get; } = RepositoryFolder.Path("artifacts", "packages");

    /// <summary>The empty folder.</summary>
    public string Work => _folder.Path("work");

    /// <summary>The version that all have.</summary>
    public string Version { get; } = System.Xml.Linq.XDocument.Load(RepositoryFolder.Path("Directory.Build.props")).Descendants("Version").Single().Value;

    /// <summary>How long the six commands took.</summary>
    public TimeSpan Took { get; private set; }

    /// <summary>Runs the commands of the tool's page, once; what they said.</summary>
    public string RunSixCommands()
    {
        Ready();
        return _sixCommands.Value;
    }

    /// <summary>Makes a project of the template for nanoFramework in the folder `board` and builds it, once; what the build said.</summary>
    public string BuildBoard()
    {
        RunSixCommands();
        return _board.Value;
    }

    /// <summary>Skips where the machine cannot build the packages; fails where it can and they were not built.</summary>
    public void Ready()
    {
        Assert.SkipWhen(Missing.Length > 0, Missing);
        Assert.True(Packed.Code == 0, Packed.Output);
    }

    /// <summary>Runs a script of the shell in the empty folder, or one below it; it must succeed.</summary>
    public string Do(string script, string folder = "")
    {
        (int code, string output) = Start("bash", ["-euc", script], Path.Combine(Work, folder));
        Assert.True(code == 0, $"{script}\nended with {code}:\n{output}");
        return output;
    }

    /// <summary>The first block of the tool's page.</summary>
    public static string[] SixCommands() =>
        File.ReadAllText(RepositoryFolder.Path("converters", "EdgeConv.Cli", "PACKAGE.md")).Split("```")[1].Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public void Dispose() => _folder.Dispose();

    // Sources of the user stay, packages that were fetched before are one more.
    private void Settings()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string settings = Path.Combine(home, ".nuget", "NuGet", "NuGet.Config");
        if (File.Exists(settings))
        {
            _folder.Write("home/.nuget/NuGet/NuGet.Config", File.ReadAllBytes(settings));
        }

        Directory.CreateDirectory(_folder.Path("home"));
        string fetched = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(home, ".nuget", "packages");
        _folder.Write("work/nuget.config", System.Text.Encoding.UTF8.GetBytes($"""
            <configuration>
              <packageSources>
                <add key="edgeconv" value="{Feed}" />
                {(Directory.Exists(fetched) ? $"<add key=\"fetched\" value=\"{fetched}\" />" : "")}
              </packageSources>
            </configuration>
            """));
    }

    private (int Code, string Output) Start(string program, string[] arguments, string? folder)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? RepositoryFolder.Root,
        };
        if (folder is not null)
        {
            string[] own = ["NUGET_PACKAGES", "XDG_CACHE_HOME", "XDG_DATA_HOME", "DOTNET_CLI_HOME"];
            foreach (string name in start.Environment.Keys.Where(name => own.Contains(name) || name.StartsWith("EDGECONV_", StringComparison.Ordinal)).ToArray())
            {
                start.Environment.Remove(name);
            }

            start.Environment["HOME"] = _folder.Path("home");
            start.Environment["PATH"] = $"{_folder.Path("home", ".dotnet", "tools")}:{start.Environment["PATH"]}";
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
