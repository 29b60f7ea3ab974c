namespace EdgeConv.Tests.Samples;

/// <summary>The page of a sample.</summary>
internal static class SamplePage
{
    /// <summary>The text of the only block with code that begins so.</summary>
    public static string Block(string sample, string begin) => Assert.Single(
        File.ReadAllText(RepositoryFolder.Path("hw-samples", sample, "README.md")).Split("```\n").Where((_, index) => index % 2 == 1),
        block => block.StartsWith(begin, StringComparison.Ordinal));
}
