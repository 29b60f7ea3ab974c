using System.Text.Json;
using EdgeConv.Cli;
using EdgeConv.Cli.Emulation;
using EdgeConv.Tests.Cli;

namespace EdgeConv.Tests.Firmware.Clr;

/// <summary>Generated C# on nanoFramework's own runtime, where this machine has one.</summary>
public sealed class NanoClrTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>
{
    [Fact]
    public void Asking_for_what_is_not_there_is_a_usage_error_that_says_what_to_set()
    {
        CliRun run = CliRun.InChild(("EDGECONV_NANOCLR", "/no/such/clr"), "verify", lenet.Model, "--on", "host,nanoclr", "--data", lenet.Pictures);
        run.Failed(ExitCode.Usage, "EDGECONV_NANOCLR names '/no/such/clr', which is not there");
    }

    [Fact]
    public void LeNet_gives_the_references_bytes()
    {
        Need();
        JsonElement verify = CliRun.Of("verify", lenet.Model, "--on", "nanoclr", "--data", lenet.Pictures, "--json").Json();
        JsonElement result = verify.GetProperty("results").EnumerateArray().Single();
        Assert.True(result.GetProperty("identical").GetBoolean(), result.ToString());
        Assert.Equal("C#nano", result.GetProperty("path").GetString());
        Assert.Equal(30, result.GetProperty("inputs").GetInt32());
    }

    [Fact]
    public void So_does_one_whose_inputs_take_several_assemblies()
    {
        Need();
        CliRun verify = CliRun.Of("verify", lenet.ColorModel, "--on", "nanoclr", "--images", "50");
        Assert.True(verify.Code == 0, verify.Errors);
        Assert.Matches("nanoclr +C#nano +50 +identical", verify.Output);
    }

    private static void Need()
    {
        try
        {
            NanoTools.Find(Environment.GetEnvironmentVariable);
        }
        catch (UsageException missing)
        {
            Assert.Skip(missing.Message);
        }
    }
}
