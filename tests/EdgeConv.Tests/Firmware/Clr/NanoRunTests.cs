using EdgeConv.Cli.Emulation;

namespace EdgeConv.Tests.Firmware.Clr;

/// <summary>What a nanoCLR printed is judged: only a run that reaches its last line, with the reference's bytes, is one that succeeded.</summary>
public sealed class NanoRunTests
{
    private const string Right = """
        Ready.
        edgeconv golden ok
        edgeconv output 0 0580FF
        edgeconv output 1 7F0000
        edgeconv done 2 566C4111
        Done.
        """;

    private static readonly byte[][] _expected = [[0x05, 0x80, 0xFF], [0x7F, 0x00, 0x00]];

    [Fact]
    public void A_run_with_the_references_bytes_has_no_problem() => Assert.Null(Problem(Right));

    [Fact]
    public void Nor_has_one_that_says_that_there_is_no_golden_vector() => Assert.Null(Problem(Right.Replace("golden ok", "golden none")));

    [Theory]
    [InlineData("0580FF", "0581FF", "input 0, byte 1 of the output: -127, the reference has -128")]
    [InlineData("7F0000", "7F0001", "input 1, byte 2 of the output: 1, the reference has 0")]
    [InlineData("7F0000", "7F00", "input 1: '1 7F00' is not its number and 3 bytes")]
    [InlineData("output 1 7F0000", "output 2 7F0000", "input 1: '2 7F0000' is not its number and 3 bytes")]
    [InlineData("edgeconv output 1 7F0000", "", "it wrote 1 outputs, 2 were expected")]
    [InlineData("566C4111", "00000000", "its last line says '2 00000000', expected '2 566C4111': the checksum of all outputs differs")]
    [InlineData("done 2", "done 1", "the checksum of all outputs differs")]
    [InlineData("edgeconv golden ok", "", "it has no line 'edgeconv golden': the model's check of its golden vector did not run")]
    [InlineData("golden ok", "golden layer 3 (fc1)", "the check of its golden vector says: layer 3 (fc1)")]
    public void Other_bytes_are_found_and_named(string right, string wrong, string problem) => Assert.Contains(problem, Problem(Right.Replace(right, wrong)));

    [Fact]
    public void An_exception_is_a_crash_although_the_exit_code_is_0()
    {
        string problem = Problem("""
            edgeconv output 0 0580FF
                ++++ Exception System.IndexOutOfRangeException - CLR_E_INDEX_OUT_OF_RANGE (1) ++++
                ++++ Message: 
                ++++ EdgeConv.Model::Layer2 [IP: 0041] ++++
            """)!;
        Assert.Contains("it crashed after 1 of 2 inputs", problem);
        Assert.Contains("IndexOutOfRangeException", problem);
        Assert.Contains("Layer2", problem);
    }

    [Fact]
    public void One_that_the_model_catches_while_it_picks_a_slot_is_none() =>
        Assert.Null(Problem("    ++++ Exception EdgeConv.Nano.WeightSlotException - 0x00000000 (1) ++++\n" + Right));

    [Fact]
    public void So_is_one_behind_the_last_line() =>
        Assert.Contains("it crashed", Problem(Right + "\n    ++++ Exception System.OutOfMemoryException - CLR_E_OUT_OF_MEMORY (1) ++++"));

    [Fact]
    public void An_end_without_the_last_line_is_none_although_the_exit_code_is_0()
    {
        string problem = Problem("Ready.\nedgeconv output 0 0580FF\nDone.")!;
        Assert.Contains("ended after 1 of 2 inputs without its last line 'edgeconv done'", problem);
        Assert.Contains("its last words: Done.", problem);
    }

    [Fact]
    public void A_fault_of_the_CLR_itself_is_a_crash() =>
        Assert.Contains("it crashed after 1 of 2 inputs: the nanoCLR itself ended with 139", Problem("edgeconv output 0 0580FF", "kill -SEGV $$"));

    [Fact]
    public void A_CLR_of_another_version_is_named() =>
        Assert.Contains("other native code than the assembly expects: Invalid native checksum: mscorlib 0x1549C856!=0x2D5CA905",
            Problem("* Invalid native checksum: mscorlib 0x1549C856!=0x2D5CA905 *"));

    [Fact]
    public void A_run_without_end_is_ended()
    {
        using FakeTools fake = new();
        NanoTools tools = fake.Clr("edgeconv output 0 0580FF", "exec sleep 60");
        string? problem = NanoRun.Problem(tools, [], _expected, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Contains("it hangs: no end within 1 s, after 1 of 2 inputs", problem);
    }

    private static string? Problem(string prints, string ends = "exit 0")
    {
        using FakeTools fake = new();
        return NanoRun.Problem(fake.Clr(prints, ends), [], _expected, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
