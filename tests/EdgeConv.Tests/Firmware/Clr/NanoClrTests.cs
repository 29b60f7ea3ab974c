using System.Text.Json;
using EdgeConv.Cli;
using EdgeConv.Cli.Emulation;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.CodeGen.Nano;
using EdgeConv.Runtime;
using EdgeConv.Tests.Cli;
using EdgeConv.Tests.CodeGen;

namespace EdgeConv.Tests.Firmware.Clr;

/// <summary>Generated C# on nanoFramework's own runtime, where this machine has one.</summary>
public sealed class NanoClrTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>
{
    private const int Networks = 3;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(500, Networks)];

    [Fact]
    public void Asking_for_what_is_not_there_is_a_usage_error_that_says_what_to_set()
    {
        CliRun run = CliRun.InChild(("EDGECONV_NANOCLR", "/no/such/clr"), "verify", lenet.Model, "--on", "host,nanoclr", "--data", lenet.Pictures);
        run.Failed(ExitCode.Usage, "EDGECONV_NANOCLR names '/no/such/clr', which is not there");
    }

    [Fact]
    public void A_goal_without_generated_code_and_one_that_is_none_are_usage_errors()
    {
        CliRun.Of("verify", lenet.Model, "--on", "host,cortex-a53", "--optimize", "speed").Failed(ExitCode.Usage, "--optimize goes with --on cortex-m3");
        CliRun.Of("verify", lenet.Model, "--on", "nanoclr", "--optimize", "fast").Failed(ExitCode.Usage, "--optimize is 'fast'; size, speed or balanced was expected");
    }

    [Theory]
    [InlineData("size")]
    [InlineData("speed")]
    public void LeNet_gives_the_references_bytes(string goal)
    {
        LocalNanoClr.Need();
        JsonElement verify = CliRun.Of("verify", lenet.Model, "--on", "nanoclr", "--optimize", goal, "--data", lenet.Pictures, "--json").Json();
        JsonElement result = verify.GetProperty("results").EnumerateArray().Single();
        Assert.True(result.GetProperty("identical").GetBoolean(), result.ToString());
        Assert.Equal("C#nano", result.GetProperty("path").GetString());
        Assert.Equal(30, result.GetProperty("inputs").GetInt32());
    }

    [Fact]
    public void So_does_one_whose_inputs_take_several_assemblies()
    {
        LocalNanoClr.Need();
        CliRun verify = CliRun.Of("verify", lenet.ColorModel, "--on", "nanoclr", "--images", "50");
        Assert.True(verify.Code == 0, verify.Errors);
        Assert.Matches("nanoclr +C#nano +50 +identical", verify.Output);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void So_does_a_network_of_every_kind_of_layer_in_every_form(int way)
    {
        LocalNanoClr.Need();
        using Model model = RandomNetwork.ForNano(1, everyKind: true);
        IsIdentical(model, 1, new NanoGoal { Way = way });
    }

    /// <summary>The first slot's image has no tables, at which the self-test throws: that is caught there, and the second one is taken.</summary>
    [Fact]
    public void So_does_one_whose_weights_lie_in_a_slot()
    {
        LocalNanoClr.Need();
        using Model model = RandomNetwork.ForNano(1, everyKind: true);
        IsIdentical(model, 1, new NanoGoal { SlotVersion = 1 });
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void So_do_networks_from_a_seed(int seed)
    {
        LocalNanoClr.Need();
        using Model model = RandomNetwork.ForNano(seed);
        IsIdentical(model, seed, new NanoGoal(COptimize.Speed));
    }

    private static void IsIdentical(Model model, int seed, NanoGoal goal) =>
        LocalNanoClr.IsIdentical(NanoBuild.Export(model, goal), model, RandomNetwork.Inputs(model, seed), $"network {seed}");
}
