using System.Text.RegularExpressions;
using EdgeConv.Tests.Cli;
using EdgeConv.Tests.Trainer;

namespace EdgeConv.Tests.Docs;

/// <summary>CONTRIBUTING.md: its examples are applied to a copy of the sources, which is built and used as the page says.</summary>
public sealed partial class ContributingTests
{
    private static readonly string[] _sources = ["edge-runtime", "converters", "firmware", "trainer/data"];

    [Fact]
    public void An_operator_a_path_and_a_board_are_added_as_the_page_says()
    {
        using TemporaryFolder folder = new();
        Guide page = new("CONTRIBUTING.md");
        new TinyDigits(0, 60).WriteTo(folder, "work/photos");
        File.WriteAllText(folder.Path("work", "curved.net"), "network curved\ninput 28x28x1\nconv 8 3x3\ntanh\nmaxpool 2x2\nfc 10\n");
        Assert.Equal(0, CliRun.Of("models", folder.Path("work", "curved.net"), "--write", folder.Path("work", "tanh.onnx")).Code);
        string before = folder.Path("work", "before.onnx");
        File.Copy(folder.Path("work", "tanh.onnx"), before);
        page.Run(folder.Path("work"), "", "LC_ALL=C sed -i 's/Tanh/Atan/g' before.onnx");
        CliRun.Of("convert", before, "-o", folder.Path("work", "before.ecm"), "--calibrate", folder.Path("work", "photos")).Failed(1, "Atan");

        string copy = folder.Path("copy");
        Array.ForEach(_sources, source => Copy(RepositoryFolder.Path(source.Split('/')), Path.Combine(copy, source)));
        foreach (string file in Directory.GetFiles(RepositoryFolder.Root).Where(file => Path.GetExtension(file) is ".props" or ".targets" or ".json" or ".md" || Path.GetFileName(file) is ".editorconfig" or "LICENSE"))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        string[] diffs = [.. page.Blocks().Where(block => block.Language == "diff").Select(block => block.Text)];
        Assert.Equal(3, diffs.Length);
        for (int i = 0; i < diffs.Length; i++)
        {
            File.WriteAllText(folder.Path($"{i}.diff"), diffs[i] + "\n");
            page.Run(copy, "", $"git apply --whitespace=nowarn ../{i}.diff");
        }

        page.Run(copy, "", "dotnet build converters/EdgeConv.Cli -c Release -o ../built -v quiet -nologo -p:RunAnalyzers=false -p:UseSharedCompilation=false -nodeReuse:false >&2");
        string programs = Programs.Write(folder, folder.Path("built"));
        foreach ((string commands, string? expected) in page.Steps())
        {
            Guide.Compare(expected!, page.Run(folder.Path("work"), programs, commands));
        }
    }

    [Fact]
    public void Every_file_that_the_page_names_is_there()
    {
        string[] named = [.. NamedFile().Matches(File.ReadAllText(RepositoryFolder.Path("CONTRIBUTING.md"))).Select(match => match.Groups[1].Value).Distinct()];
        Assert.True(named.Length > 15, string.Join(' ', named));
        Assert.All(named, path => Assert.True(Path.Exists(RepositoryFolder.Path(path.Split('/'))), path));
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (string folder in Directory.GetDirectories(from).Where(folder => Path.GetFileName(folder) is not ("bin" or "obj")))
        {
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        }
    }

    [GeneratedRegex("`((?:edge-runtime|converters|tests|trainer)/[^`\\s]+)`")]
    private static partial Regex NamedFile();
}
