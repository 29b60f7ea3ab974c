using EdgeConv.Arm64Bench;

namespace EdgeConv.Tests.Bench;

/// <summary>From the plugin's text to instructions and cycles.</summary>
public class BlockCountsTests
{
    private const string Two = "d503201f d503201f", Three = "8b010000 8b010000 8b010000", Jump = "54ffff81";

    [Fact]
    public void What_two_runs_share_cancels()
    {
        BlockCounts once = Parse($"total 132\n6 @1000 {Two}\n40 @2000 {Three}\n"), twice = Parse($"total 252\n6 @1000 {Two}\n80 @2000 {Three}\n");
        BlockCounts difference = twice.Minus(once);
        Assert.Equal(120, difference.Total);
        Assert.Equal(0, difference.Runs[Two]);
        Assert.Equal(40, difference.Runs[Three]);
    }

    [Fact]
    public void The_same_instructions_at_two_addresses_are_one_block() =>
        Assert.Equal(10, Parse($"total 20\n6 @1000 {Two}\n4 @7f00001000 {Two}\n").Runs[Two]);

    [Theory]
    [InlineData("", "expected", "''")]
    [InlineData("totally 12\n", "total", "'totally 12'")]
    [InlineData("total 12\nfour @1000 d503201f\n", "expected", "'four @1000 d503201f'")]
    [InlineData("total 12\n4 @1000 d503201f d5\n", "expected", "'4 @1000 d503201f d5'")]
    [InlineData("total 12\n4 d503201f d503201f\n", "expected", "'4 d503201f d503201f'")]
    [InlineData("total 12\n4 @1000 d503201f\n", "cut off", "4 instructions")]
    public void A_text_that_is_none_of_the_plugins_is_refused(string text, string expected, string found)
    {
        string message = Assert.Throws<ToolException>(() => Parse(text)).Message;
        Assert.Contains(found, message);
        Assert.True(message.Contains(expected) || text.Length == 0, message);
    }

    [Fact]
    public void A_block_that_the_end_of_a_page_cut_is_one_again()
    {
        // a loop from ff8 to 1008, into the middle of which jumps lead twice; and the same instructions elsewhere
        BlockCounts counts = Parse($"total 50\n10 @ff8 {Two}\n12 @1000 {Two}\n3 @2000 {Two}\n");
        Assert.Equal((10, 2 + 3), (counts.Runs[$"{Two} {Two}"], counts.Runs[Two]));
        Assert.Equal(10, Parse($"total 60\n10 @1000 {Two}\n10 @ff0 {Two}\n10 @ff8 {Two}\n").Runs[$"{Two} {Two} {Two}"]);
    }

    [Fact]
    public void Blocks_that_did_not_always_follow_one_another_stay_two()
    {
        Assert.Equal(10 + 9, Parse($"total 38\n10 @ff8 {Two}\n9 @1000 {Two}\n").Runs[Two]);
        Assert.Equal(10, Parse($"total 30\n10 @ffc {Jump}\n10 @1000 {Two}\n").Runs[Two]);   // a branch leads where it wants
        Assert.Equal(20, Parse($"total 76\n20 @ff8 {Two}\n9 @1000 {Three}\n1 @1000 {Three} {Two} {Jump} {Three}\n").Runs[Two]);   // translated twice
    }

    [Theory]
    [InlineData("14000010", true)]    // b
    [InlineData("97ffffff", true)]    // bl
    [InlineData("54ffff81", true)]    // b.ne
    [InlineData("35fffe8c", true)]    // cbnz
    [InlineData("b7f80040", true)]    // tbnz x, #63
    [InlineData("d65f03c0", true)]    // ret
    [InlineData("d63f0100", true)]    // blr
    [InlineData("d4000001", true)]    // svc
    [InlineData("d503201f", false)]   // nop
    [InlineData("4f70a250", false)]   // smlal2
    [InlineData("ad4047e0", false)]   // ldp
    [InlineData("8b010000", false)]   // add
    public void Only_a_branch_or_a_call_ends_a_block(string code, bool ends) => Assert.Equal(ends, CutBlocks.EndsInBranch($"{Two} {code}"));

    [Fact]
    public void The_smaller_of_two_runs_that_agree_is_taken()
    {
        Queue<long> totals = new([1_900_000, 1_000_500, 1_000_000, 1_234_567]);
        Assert.Equal(1_000_000, Measurement.Steady(() => (Total(totals.Dequeue()), "")).Counts.Total);
        Assert.Single(totals);
    }

    [Fact]
    public void Runs_that_never_agree_are_no_measurement()
    {
        long total = 1000;
        ToolException e = Assert.Throws<ToolException>(() => Measurement.Steady(() => (Total(total *= 2), "")));
        Assert.Contains("2000, 4000, 8000", e.Message);
    }

    [Theory]
    [InlineData("bl\t#64", "b\t.block")]
    [InlineData("blr\tx3", "br\tx3")]
    [InlineData("b.lt\t#-268", "b.lt\t.block")]
    [InlineData("cbnz\tw0, #-12", "cbnz\tw0, .block")]
    [InlineData("tbz\tw0, #3, #16", "tbz\tw0, #3, .block")]
    [InlineData("ldr\tq0, [x1], #16", "ldr\tq0, [x1], #16")]
    public void A_call_is_a_jump_and_a_branch_leads_back(string instruction, string expected) =>
        Assert.Equal(expected, new CycleModel("llvm-mca-14", "cortex-a53", IgnoresWriteBack: false).Prepare(instruction));

    [Theory]
    [InlineData("ldp\td0, d2, [x0], #16", "ldp\td0, d2, [x0]")]
    [InlineData("ld1\t{ v0.16b }, [x1], x2", "ld1\t{ v0.16b }, [x1]")]
    [InlineData("str\tx0, [sp, #-16]!", "str\tx0, [sp, #-16]")]
    [InlineData("ldr\tq0, [x1, #16]", "ldr\tq0, [x1, #16]")]
    public void Write_back_is_stripped_where_a_model_makes_it_wait(string instruction, string expected) =>
        Assert.Equal(expected, new CycleModel("llvm-mca-14", "cortex-a72", IgnoresWriteBack: true).Prepare(instruction));

    private static BlockCounts Total(long total) => new(total, new Dictionary<string, long>());

    private static BlockCounts Parse(string text) => BlockCounts.Parse(new StringReader(text));
}
