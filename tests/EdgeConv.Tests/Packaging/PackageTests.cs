using System.Diagnostics;
using System.IO.Compression;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace EdgeConv.Tests.Packaging;

/// <summary>What pack.sh builds, tried by somebody who has nothing else.</summary>
[Collection(nameof(ShippedPackages))]
public sealed class PackageTests(ShippedPackages packages)
{
    private static readonly string[] _libraries = ["EdgeConv.Runtime", "EdgeConv.Devices", "EdgeConv.Converters", "EdgeConv.Trainer"];

    [Fact]
    public void Six_commands_lead_from_the_tool_to_a_classified_picture_on_an_emulated_Pi_3_in_less_than_five_minutes()
    {
        Assert.Equal(6, ShippedPackages.SixCommands().Length);
        string said = packages.RunSixCommands();
        TestContext.Current.TestOutputHelper?.WriteLine($"{packages.Took.TotalSeconds:F0} s\n{said}");
        Assert.Matches(@"pi/pictures/1-seven\.png +7 +[01]\.", said);
        Assert.Matches(@"pi/pictures/2-two\.png +2 +[01]\.", said);
        Assert.Matches(@"pi/pictures/3-one\.png +1 +[01]\.", said);
        Assert.InRange(packages.Took, TimeSpan.Zero, TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void The_tool_has_no_checkout_and_verifies_on_an_emulated_Pi_and_microcontroller_all_the_same()
    {
        packages.RunSixCommands();
        Assert.Equal(packages.Version, packages.Do("edgeconv --version").Trim());
        string said = packages.Do("edgeconv verify lenet5.ecm --on cortex-a53,cortex-m4 --images 20");
        Assert.Matches(@"cortex-a53 +Neon +20 +identical", said);
        Assert.Matches(@"cortex-m4 +C99 +20 +identical", said);
    }

    [Fact]
    public void The_trainer_that_cannot_be_fetched_is_one_line_and_nothing_half_fetched_stays()
    {
        packages.RunSixCommands();
        const string Train = "! NUGET_PACKAGES=$PWD/none XDG_CACHE_HOME=$PWD/cache edgeconv train --model lenet5 --data mnist --epochs 1";
        Assert.Contains("EDGECONV_OFFLINE is set, so that it is not fetched", packages.Do($"mkdir nowhere; cd nowhere; EDGECONV_OFFLINE=1; export EDGECONV_OFFLINE; {Train}"));
        File.WriteAllText(Path.Combine(packages.Work, "nowhere", "nuget.config"), "<configuration><packageSources><clear /><add key=\"none\" value=\".\" /></packageSources></configuration>");
        string said = packages.Do(Train, "nowhere");
        Assert.Contains("edgeconv: error: the trainer cannot be fetched: error NU1101: Unable to find package EdgeConv.Trainer", said);
        Assert.DoesNotContain("   at ", said);
        Assert.Equal("", packages.Do("find cache/edgeconv/trainer -mindepth 1 ! -name '*.lock'", "nowhere"));
        // Everything else works without it.
        Assert.Contains("lenet5", packages.Do("edgeconv inspect lenet5.ecm"));
    }

    [Fact]
    public void The_template_for_a_Pi_builds_and_runs_here_and_natively_on_an_emulated_Pi()
    {
        packages.RunSixCommands();
        Assert.Equal(["7", "2", "1"], Seen(packages.Do("dotnet run -- folder:pictures", "pi")));
        packages.Do("dotnet publish -r linux-arm64 -o out -v quiet -nologo", "pi");
        Assert.Equal(["7", "2", "1"], Seen(packages.Do("qemu-aarch64 -cpu cortex-a53 -L /usr/aarch64-linux-gnu out/pi folder:pictures", "pi")));
        // Lines are not to be had here, and that is said.
        Assert.Contains("GPIO", packages.Do("! dotnet run --no-build -- folder:pictures digits.ecm 17,27,22", "pi"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void The_template_for_a_Cortex_M_builds_and_runs_in_QEMU_by_make_and_by_CMake()
    {
        packages.RunSixCommands();
        packages.Do("dotnet new edgeconv-cortexm -o firmware");
        Assert.Contains("7\n2\n1\n", packages.Do("make -s run", "firmware"));
        if (packages.Do("command -v cmake || true").Length > 0)
        {
            Assert.Contains("7\n2\n1\n", packages.Do("cmake -B cmake > /dev/null && cmake --build cmake > /dev/null && cmake --build cmake --target run", "firmware"));
        }
    }

    [Fact]
    public void The_code_of_the_README_trains_and_runs_a_model()
    {
        packages.RunSixCommands();
        string[] blocks = [.. Regex.Matches(Section("In a program"), "```csharp\n(.*?)```", RegexOptions.Singleline).Select(block => block.Groups[1].Value)];
        Assert.Equal([3, 5], blocks.Select(block => block.TrimEnd().Split('\n').Length));
        packages.Do("dotnet new console -o five");
        File.WriteAllText(Path.Combine(packages.Work, "five", "five.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="EdgeConv.Trainer" Version="{packages.Version}" />
                <PackageReference Include="libtorch-cpu-linux-x64" Version="{TorchVersion()}" />
              </ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(packages.Work, "five", "Program.cs"), $$"""
            using EdgeConv.Converters;
            using EdgeConv.Converters.Data;
            using EdgeConv.Converters.Graphs;
            using EdgeConv.Converters.Onnx;
            using EdgeConv.Runtime;
            using EdgeConv.Trainer.Training;

            {{blocks[1]}}
            sbyte[] input = new sbyte[28 * 28], output = new sbyte[10];
            {{blocks[0]}}
            Console.WriteLine($"int8 {int8.Report.Int8Accuracy:P2}, {output.Length} outputs, {model.Name}");
            """);
        string said = packages.Do("dotnet run", "five");
        Assert.Matches(@"float 9[89]\.[0-9]+", said);
        Assert.Matches(@"int8 9[89]\.[0-9]+.*10 outputs, lenet5", said);
    }

    [Fact]
    public void The_runtime_brings_less_than_400_KB_and_nothing_else()
    {
        packages.Ready();
        Assert.DoesNotContain(Nuspec("EdgeConv.Runtime").Descendants(), each => each.Name.LocalName == "dependency");
        Assert.InRange(new FileInfo(Package("EdgeConv.Runtime")).Length, 1, 400_000);
    }

    [Fact]
    public void Every_package_has_a_page_a_licence_and_libraries_have_documentation_and_symbols_with_sources()
    {
        packages.Ready();
        foreach (string name in (string[])[.. _libraries, "edgeconv", "EdgeConv.Build", "EdgeConv.Templates"])
        {
            XDocument nuspec = Nuspec(name);
            Assert.Equal("MIT", nuspec.Descendants().Single(each => each.Name.LocalName == "license").Value);
            Assert.Equal(packages.Version, nuspec.Descendants().First(each => each.Name.LocalName == "version").Value);
            using ZipArchive archive = ZipFile.OpenRead(Package(name));
            Assert.NotNull(archive.GetEntry("README.md"));
            Assert.DoesNotContain(archive.Entries, entry => entry.Name.Contains("torch", StringComparison.OrdinalIgnoreCase));
        }

        foreach (string name in _libraries)
        {
            using ZipArchive archive = ZipFile.OpenRead(Package(name));
            Assert.NotNull(archive.GetEntry($"lib/net10.0/{name}.xml"));
            using ZipArchive symbols = ZipFile.OpenRead(Path.ChangeExtension(Package(name), ".snupkg"));
            Assert.NotNull(symbols.GetEntry($"lib/net10.0/{name}.pdb"));
        }
    }

    [Fact]
    public void Two_builds_in_two_folders_give_the_same_bytes()
    {
        packages.Ready();
        using TemporaryFolder copy = new();
        // Another place, other times of the files, another time zone and another mask.
        string script = $"""
            cd '{RepositoryFolder.Root}'
            git ls-files -z -co --exclude-standard | xargs -0 cp --parents -t '{copy.Root}'
            echo "gitdir: $(git rev-parse --absolute-git-dir)" > '{copy.Root}/.git'
            cd '{copy.Root}'
            umask 027
            TZ=Asia/Kathmandu ./pack.sh > said 2>&1 || cat said >&2
            """;
        using Process second = Process.Start(new ProcessStartInfo("bash", ["-euc", script]) { RedirectStandardError = true })!;
        string said = second.StandardError.ReadToEnd();
        second.WaitForExit();
        Assert.True(second.ExitCode == 0, said);
        Assert.Equal(Sums(packages.Feed), Sums(copy.Path("artifacts", "packages")));
    }

    private static IEnumerable<string> Seen(string said) => Regex.Matches(said, @"^(\w+)  [01]\.[0-9]{3}\r?$", RegexOptions.Multiline).Select(line => line.Groups[1].Value);

    private static string Sums(string folder) => File.ReadAllText(Path.Combine(folder, "SHA256SUMS"));

    private static string Section(string title) =>
        Regex.Match(File.ReadAllText(RepositoryFolder.Path("README.md")), $"^## {title}\n(.*?)^## ", RegexOptions.Singleline | RegexOptions.Multiline).Groups[1].Value;

    private static string TorchVersion() => XDocument.Load(RepositoryFolder.Path("Directory.Packages.props")).Descendants("PackageVersion")
        .Single(each => (string?)each.Attribute("Include") == "libtorch-cpu-linux-x64").Attribute("Version")!.Value;

    private string Package(string name) => Path.Combine(packages.Feed, $"{name}.{packages.Version}.nupkg");

    private XDocument Nuspec(string name)
    {
        using ZipArchive archive = ZipFile.OpenRead(Package(name));
        using Stream stream = archive.Entries.Single(entry => entry.Name.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(stream);
    }
}
