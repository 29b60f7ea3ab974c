using System.Text.Json;
using EdgeConv.Tests.Cli;

namespace EdgeConv.Tests.CodeGen;

/// <summary>Generated C on emulated microcontrollers: the bytes of every layer, without an operating system or a library.</summary>
public sealed class EmulatedMcuTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>
{
    private const string Cpus = "cortex-m3,cortex-m4,cortex-m7,cortex-m33,cortex-m55";

    // Instructions an inference at most.
    private static readonly Dictionary<string, long> _most = new()
    {
        ["cortex-m3"] = 1_300_000,
        ["cortex-m4"] = 380_000,
        ["cortex-m7"] = 380_000,
        ["cortex-m33"] = 380_000,
        ["cortex-m55"] = 80_000,
    };

    [Fact]
    public void LeNet_gives_the_reference_bytes_on_each()
    {
        McuEmulators.Need();
        JsonElement verify = CliRun.Of("verify", lenet.Model, "--on", Cpus, "--data", lenet.Pictures, "--json").Json();
        JsonElement[] results = [.. verify.GetProperty("results").EnumerateArray()];
        Assert.Equal(Cpus.Split(','), results.Select(result => result.GetProperty("target").GetString()));
        Assert.All(results, result =>
        {
            Assert.True(result.GetProperty("identical").GetBoolean(), result.ToString());
            Assert.Equal(30, result.GetProperty("inputs").GetInt32());
            Assert.InRange(result.GetProperty("instructions").GetInt64(), 50_000, _most[result.GetProperty("target").GetString()!]);
        });
    }

    [Theory]
    [InlineData("ds-cnn", "0.5")]
    [InlineData("resnet8", "0.5")]
    [InlineData("vgg-cifar", "0.125")]
    [InlineData("lenet5-1998", "1")]
    public void So_do_other_networks(string network, string width)
    {
        McuEmulators.Need();
        using TemporaryFolder folder = new();
        string onnx = folder.Path($"{network}.onnx"), model = folder.Path($"{network}.ecm");
        CliRun write = CliRun.Of("models", network, "--width", width, "--write", onnx);
        Assert.True(write.Code == 0, write.Errors);
        CliRun convert = CliRun.Of("convert", onnx, "-o", model, "--calibrate", lenet.Pictures, "--no-test");
        Assert.True(convert.Code == 0, convert.Errors);
        IsIdenticalOnAll(model, images: 2);
    }

    [Fact]
    public void So_does_one_with_every_operator()
    {
        McuEmulators.Need();
        using TemporaryFolder folder = new();
        IsIdenticalOnAll(folder.Write("every.ecm", RandomNetwork.WithEveryKind(1)), images: 20);
    }

    [Fact]
    public void So_does_one_of_int16()
    {
        McuEmulators.Need();
        using TemporaryFolder folder = new();
        string model = folder.Path("wide.ecm");
        CliRun convert = CliRun.Of("convert", lenet.Onnx, "-o", model, "--calibrate", lenet.Pictures, "--no-test", "--wide", "conv1,conv2,fc1,fc2,fc3");
        Assert.True(convert.Code == 0, convert.Errors);
        IsIdenticalOnAll(model, images: 3);
    }

    private static void IsIdenticalOnAll(string model, int images)
    {
        CliRun verify = CliRun.Of("verify", model, "--on", Cpus, "--images", $"{images}", "--json");
        Assert.True(verify.Code == 0, verify.Errors + verify.Output);
        JsonElement[] results = [.. verify.Json().GetProperty("results").EnumerateArray()];
        Assert.Equal(Cpus.Split(','), results.Select(result => result.GetProperty("target").GetString()));
        Assert.All(results, result => Assert.InRange(result.GetProperty("inputs").GetInt32(), images, int.MaxValue));
    }

    [Fact]
    public void A_model_that_is_too_large_for_the_board_is_said_to_be()
    {
        McuEmulators.Need();
        using TemporaryFolder folder = new();
        string onnx = folder.Path("large.onnx"), model = folder.Path("large.ecm");
        Assert.Equal(0, CliRun.Of("models", "lenet5", "--width", "8", "--write", onnx).Code);
        Assert.Equal(0, CliRun.Of("convert", onnx, "-o", model, "--calibrate", lenet.Pictures, "--no-test").Code);
        CliRun verify = CliRun.Of("verify", model, "--on", "cortex-m55", "--images", "1");
        Assert.Equal(1, verify.Code);
        Assert.Contains("not available", verify.Output);
        Assert.Contains("overflowed", verify.Errors);
    }
}
