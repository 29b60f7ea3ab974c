namespace EdgeConv.Tests.Samples;

/// <summary>hw-samples: whoever looks through the list finds every sample, and in each what to buy, how to wire it, what to see and what was tried.</summary>
public sealed class SampleIndexTests
{
    public static TheoryData<string> Samples => [.. Directory.GetDirectories(RepositoryFolder.Path("hw-samples")).Select(Path.GetFileName).OfType<string>().Where(name => name is not ("bin" or "obj")).Order()];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_sample_is_in_the_list_and_its_page_is_whole(string sample)
    {
        string page = Read("hw-samples", sample, "README.md");
        Assert.Contains($"[{sample}]({sample}/README.md)", Read("hw-samples", "README.md"));
        Assert.StartsWith("# ", page);
        foreach (string section in (string[])["**Parts**", "**Expected**", "**Tried**"])
        {
            Assert.Contains(section, page);
        }

        string parts = page[page.IndexOf("**Parts**", StringComparison.Ordinal)..page.IndexOf("**Expected**", StringComparison.Ordinal)];
        bool isDrawn = parts.Contains("---", StringComparison.Ordinal) || parts.Contains("| ", StringComparison.Ordinal) || parts.Contains("![", StringComparison.Ordinal);
        Assert.True(isDrawn, "no drawing, table or picture of the wiring");
        string expected = page[page.IndexOf("**Expected**", StringComparison.Ordinal)..page.IndexOf("**Tried**", StringComparison.Ordinal)];
        Assert.Contains("```", expected);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_row_of_the_list_says_parts_output_and_what_ran_it(string sample)
    {
        string row = Assert.Single(Read("hw-samples", "README.md").Split('\n'), line => line.StartsWith($"| [{sample}]", StringComparison.Ordinal));
        string[] cells = [.. row.Trim('|').Split('|').Select(cell => cell.Trim())];
        Assert.Equal(5, cells.Length);
        Assert.All(cells, Assert.NotEmpty);
    }

    [Fact]
    public void The_list_has_the_samples_that_are_there_and_something_ran_each()
    {
        string[] rows = [.. Read("hw-samples", "README.md").Split('\n').Where(line => line.StartsWith("| [", StringComparison.Ordinal))];
        Assert.Equal(Samples.Select(sample => sample.Data).Order(), rows.Select(row => row[3..row.IndexOf(']', StringComparison.Ordinal)]).Order());
        Assert.All(rows, row => Assert.DoesNotContain("nothing", row.Trim('|').Split('|')[4], StringComparison.OrdinalIgnoreCase));
    }

    private static string Read(params string[] path) => File.ReadAllText(RepositoryFolder.Path(path));
}
