using System.Diagnostics;

namespace EdgeConv.Tests.Firmware.Legality;

/// <summary>nanoFramework's own mscorlib.dll, out of its NuGet package; fetched where it is not there, and only once.</summary>
internal static class NanoCoreLibrary
{
    private const string Version = "1.17.11";

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    private static readonly Lazy<(string? File, string Reason)> _found = new(Find);

    /// <summary>Its path. A test that asks is skipped where the package cannot be had.</summary>
    public static string Need()
    {
        Assert.SkipWhen(_found.Value.File is null, $"nanoFramework.CoreLibrary {Version} cannot be had: {_found.Value.Reason}");
        return _found.Value.File!;
    }

    private static (string?, string) Find()
    {
        string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        string library = Path.Combine(packages, "nanoframework.corelibrary", Version, "lib", "mscorlib.dll");
        string said = File.Exists(library) ? "" : Restore(packages);
        return File.Exists(library) ? (library, "") : (null, said);
    }

    private static string Restore(string packages)
    {
        using TemporaryFolder folder = new();
        string project = folder.Path("CoreLibrary.csproj");
        File.WriteAllText(project, $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup><PackageDownload Include="nanoFramework.CoreLibrary" Version="[{Version}]" /></ItemGroup>
            </Project>
            """);
        ProcessStartInfo start = new("dotnet", ["restore", project, "--packages", packages, "-v", "quiet", "-nologo"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(_patience))
        {
            process.Kill(entireProcessTree: true);
            return $"no answer in {_patience.TotalSeconds} seconds";
        }

        return (output.Result + errors.Result).Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal))
            ?? $"dotnet restore ended with {process.ExitCode}";
    }
}
