using EdgeConv.Tests.Trainer;

namespace EdgeConv.Tests.Docs;

/// <summary>The guides, followed to the letter: one network is trained, which all of them go on with.</summary>
public sealed class GuideTests
{
    // In the order in which they lean on each other.
    private static readonly string[] _guides = ["train-and-flash", "bring-your-onnx", "pi-camera", "microcontroller"];

    [Fact]
    public void Every_guide_does_what_it_says()
    {
        using TemporaryFolder folder = new();
        string programs = Programs.Write(folder, AppContext.BaseDirectory);
        new TinyDigits(0, 300).WriteTo(folder, "photos");
        foreach (string name in _guides)
        {
            Guide guide = new("docs", name + ".md");
            Assert.NotEmpty(guide.Steps());
            string own = folder.Path(name);
            Directory.CreateDirectory(own);
            Directory.CreateSymbolicLink(Path.Combine(own, "photos"), folder.Path("photos"));
            string? missing = guide.Needs.FirstOrDefault(program => !IsThere(program));
            if (missing is not null)
            {
                Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", $"no {missing} here; as root, tests/emulators/install.sh installs it");
                Assert.Fail($"no {missing} here");
            }

            guide.Follow(own, programs);
        }
    }

    [Fact]
    public void Every_page_is_in_the_list_and_is_run()
    {
        string[] pages = [.. Directory.GetFiles(RepositoryFolder.Path("docs"), "*.md").Select(Path.GetFileNameWithoutExtension).OfType<string>().Where(name => name != "README").Order()];
        Assert.Equal(_guides.Order(), pages);
        string list = File.ReadAllText(RepositoryFolder.Path("docs", "README.md"));
        Assert.All(pages, name => Assert.Contains($"({name}.md)", list));
    }

    [Fact]
    public void A_line_that_is_not_printed_is_a_failure()
    {
        Guide.Compare("a ... c\nd", "x\na  b c\n\nd\n");
        Assert.ThrowsAny<Exception>(() => Guide.Compare("d\na ... c", "a b c\nd\n"));
        Assert.ThrowsAny<Exception>(() => Guide.Compare("a.c", "abc"));
    }

    private static bool IsThere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
