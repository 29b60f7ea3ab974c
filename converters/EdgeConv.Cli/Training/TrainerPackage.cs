using System.Reflection;
using System.Runtime.InteropServices;
using System.Security;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Data;

namespace EdgeConv.Cli.Training;

/// <summary>
/// The trainer of the packaged command. It is a package of its own, and libtorch another one of 130 MB: NuGet brings both on the first use, checks
/// them, and a program of one line is made of them in the user's cache. That folder appears whole or not at all.
/// </summary>
internal static class TrainerPackage
{
    private const string MoreSources = "EDGECONV_PACKAGES", Offline = "EDGECONV_OFFLINE", Name = "edgeconv-trainer";

    private const int Mega = 1_000_000;

    private static readonly TimeSpan _glance = TimeSpan.FromMilliseconds(250);

    private static string Version { get; } = typeof(TrainerPackage).Assembly.GetName().Version!.ToString(3);

    private static string TorchVersion { get; } = typeof(TrainerPackage).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(each => each.Key == nameof(TorchVersion)).Value!;

    /// <summary>Finds the trainer of this version, or fetches it.</summary>
    /// <param name="terminal">Shows how far it is.</param>
    /// <param name="cancel">Stops it; what NuGet has whole is not fetched again.</param>
    /// <returns>Its .dll.</returns>
    /// <exception cref="FailureException">There is no libtorch for this machine, or no source has the packages.</exception>
    public static string Ensure(Terminal terminal, CancellationToken cancel)
    {
        Native native = Native.OfThisMachine();
        string folder = Path.Combine(UserCache.Folder("trainer"), $"{Version}-{native.Package}");
        string program = Path.Combine(folder, Name + ".dll");
        if (File.Exists(program))
        {
            return program;
        }

        if (Environment.GetEnvironmentVariable(Offline) is not (null or "" or "0"))
        {
            throw new FailureException($"the trainer is not on this machine, and {Offline} is set, so that it is not fetched. Everything but `train` and `quickstart` works without it.");
        }

        string work = folder + ".part";
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        using FileStream turn = Lock(folder + ".lock", cancel);
        if (!File.Exists(program))
        {
            terminal.Note($"fetching the trainer with {native.Package} {TorchVersion}, {native.Megabytes} MB, once, into {folder}");
            Clear(work);
            try
            {
                Build(work, native, terminal, cancel);
                Clear(folder);
                Directory.Move(Path.Combine(work, "out"), folder);
            }
            finally
            {
                Clear(work);
            }
        }

        return program;
    }

    private static void Build(string work, Native native, Terminal terminal, CancellationToken cancel)
    {
        Directory.CreateDirectory(work);
        File.WriteAllText(Path.Combine(work, Name + ".csproj"), Project(native));
        File.WriteAllText(Path.Combine(work, "Program.cs"), "return await EdgeConv.Trainer.CommandLine.TrainerProgram.Run(args);\n");

        // A cache of its own shows how much has come; it goes when NuGet has unpacked it.
        string http = Path.Combine(work, "http");
        KeyValuePair<string, string?>[] environment = [new("NUGET_HTTP_CACHE_PATH", http), new("DOTNET_NOLOGO", "1"), new("MSBUILDDISABLENODEREUSE", "1")];
        string[] arguments = ["publish", Name + ".csproj", "-c", "Release", "-o", "out", "-v", "quiet", "-nologo"];
        ChildResult? built = null;
        terminal.Stages(show =>
        {
            Task<ChildResult> publish = Task.Run(() => ChildProcess.Capture(DotnetHost.Program, arguments, cancel, work, environment: environment), CancellationToken.None);
            while (!publish.IsCompleted)
            {
                Task.WaitAny([publish], _glance);
                long come = Size(http) / Mega, unpacked = Size(native.Unpacked(TorchVersion)) / Mega;
                show("Fetching the trainer, MB", unpacked > 0 ? native.Megabytes : Math.Min(native.Megabytes - 1, come), native.Megabytes);
                if (unpacked > 0)
                {
                    show("Unpacking it, MB", Math.Min(native.UnpackedMegabytes - 1, unpacked), native.UnpackedMegabytes);
                }
            }

            built = publish.GetAwaiter().GetResult();
        });
        if (built!.ExitCode != 0)
        {
            string[] lines = built.Output.Split('\n', StringSplitOptions.TrimEntries);
            string why = lines.FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal)) ?? built.LastWords;
            int at = why.IndexOf("error", StringComparison.Ordinal);
            throw new FailureException($"the trainer cannot be fetched: {why[Math.Max(at, 0)..]} Packages are looked for in the sources of nuget.config, "
                + $"as `dotnet nuget list source` shows them here; {MoreSources} may name one more, a folder or an address.");
        }
    }

    // Neither a Directory.Build.props above the cache nor the settings of a checkout are meant for it. Sources are those of the user's folder.
    private static string Project(Native native) => $"""
        <Project>
          <PropertyGroup>
            <ImportDirectoryBuildProps>false</ImportDirectoryBuildProps>
            <ImportDirectoryBuildTargets>false</ImportDirectoryBuildTargets>
            <ImportDirectoryPackagesProps>false</ImportDirectoryPackagesProps>
          </PropertyGroup>
          <Import Project="Sdk.props" Sdk="Microsoft.NET.Sdk" />
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <InvariantGlobalization>true</InvariantGlobalization>
            <SatelliteResourceLanguages>en</SatelliteResourceLanguages>
            <UseAppHost>false</UseAppHost>
            <DebugType>none</DebugType>
            <CreateHardLinksForPublishFilesIfPossible>true</CreateHardLinksForPublishFilesIfPossible>
            <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
            <RestoreRootConfigDirectory>{SecurityElement.Escape(Environment.CurrentDirectory)}</RestoreRootConfigDirectory>
            <RestoreAdditionalProjectSources>{SecurityElement.Escape(Environment.GetEnvironmentVariable(MoreSources))}</RestoreAdditionalProjectSources>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="EdgeConv.Trainer" Version="[{Version}]" />
            <PackageReference Include="{native.Package}" Version="[{TorchVersion}]" />
          </ItemGroup>
          <Import Project="Sdk.targets" Sdk="Microsoft.NET.Sdk" />
        </Project>

        """;

    private static FileStream Lock(string file, CancellationToken cancel)
    {
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(file))
            {
                Thread.Sleep(_glance);   // another edgeconv is at it
            }
        }
    }

    private static void Clear(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Files come and go while they are counted.
    private static long Size(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>libtorch for a system.</summary>
    /// <param name="Package">Its package.</param>
    /// <param name="Megabytes">About what comes over the network.</param>
    private sealed record Native(string Package, int Megabytes)
    {
        /// <summary>About what it takes on the disk.</summary>
        public int UnpackedMegabytes => Megabytes * 4;

        /// <summary>Where NuGet unpacks it, unless nuget.config says otherwise.</summary>
        public string Unpacked(string version) => Path.Combine(
            Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } chosen
                ? chosen
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages"),
            Package, version);

        public static Native OfThisMachine() => (RuntimeInformation.OSArchitecture, Environment.GetEnvironmentVariable("EDGECONV_LIBTORCH") == "cuda") switch
        {
            (Architecture.X64, true) when OperatingSystem.IsLinux() => new("libtorch-cuda-12.8-linux-x64", 2600),
            (Architecture.X64, true) when OperatingSystem.IsWindows() => new("libtorch-cuda-12.8-win-x64", 2600),
            (Architecture.X64, _) when OperatingSystem.IsLinux() => new("libtorch-cpu-linux-x64", 130),
            (Architecture.X64, _) when OperatingSystem.IsWindows() => new("libtorch-cpu-win-x64", 130),
            (Architecture.Arm64, _) when OperatingSystem.IsMacOS() => new("libtorch-cpu-osx-arm64", 60),
            _ => throw new FailureException($"there is no libtorch for {RuntimeInformation.RuntimeIdentifier}. Training runs on Linux x64, Windows x64 and "
                + "macOS on Apple silicon; train there and copy the run folder, or bring a network through ONNX."),
        };
    }
}
