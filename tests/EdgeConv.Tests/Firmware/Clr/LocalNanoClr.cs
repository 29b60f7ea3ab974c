using EdgeConv.Cli;
using EdgeConv.Cli.Emulation;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Verification;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Runtime;

namespace EdgeConv.Tests.Firmware.Clr;

/// <summary>This machine's nanoCLR, where it has one.</summary>
internal static class LocalNanoClr
{
    /// <summary>Skips the test where there is none.</summary>
    public static void Need()
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

    /// <summary>Runs an application generated for a model: its outputs have the reference's bytes.</summary>
    public static void IsIdentical(IReadOnlyList<CodeFile> application, Model model, sbyte[][] inputs, string what)
    {
        ParityInputs all = new(what, inputs.Length, model.Input.ByteLength, [.. inputs.SelectMany(input => input)]);
        CancellationToken cancel = TestContext.Current.CancellationToken;
        HostParity host = new(model, all, new Terminal(TextWriter.Null, TextWriter.Null), cancel);
        PathResult result = NanoClr.Open().Verify(application, model, all, host, cancel);
        Assert.True(result.Identical, $"{what}: {result.Problem}");
    }
}
