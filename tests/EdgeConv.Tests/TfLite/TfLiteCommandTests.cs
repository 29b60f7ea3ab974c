using System.Runtime.InteropServices;
using System.Text.Json;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Tests.Cli;
using EdgeConv.Tests.TfLite.Models;

namespace EdgeConv.Tests.TfLite;

/// <summary>A .tflite file on the command line.</summary>
public sealed class TfLiteCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_network_is_converted_without_pictures_inspected_run_and_verified()
    {
        byte[] file = PictureTests.WithLabels(PictureTests.File(1f / 255, -128), "cat\ndog\nowl\n");
        string tflite = _folder.Write("net.tflite", file), ecm = _folder.Path("net.ecm");
        CliRun converted = CliRun.Of("convert", tflite, "-o", ecm);
        Assert.True(converted.Code == 0, converted.Errors);
        Assert.Contains("from 0 to 1", converted.Output);
        CliRun told = CliRun.Of("convert", tflite, "-o", _folder.Path("told.ecm"), "--mean", "0.5", "--std", "0.5");
        Assert.True(told.Code == 0, told.Errors);
        Assert.DoesNotContain("Pixels are taken", told.Output);
        Assert.NotEqual(File.ReadAllBytes(ecm), File.ReadAllBytes(_folder.Path("told.ecm")));

        JsonElement inspected = CliRun.Of("inspect", ecm, "--json").Json();
        Assert.Contains("owl", inspected.ToString());

        byte[] input = [.. Enumerable.Range(0, 60).Select(i => (byte)(i * 77))];
        string raw = _folder.Write("in.bin", input), answer = _folder.Path("out.bin");
        Assert.Equal(0, CliRun.Of("run", ecm, "--raw", raw, "--raw-out", answer).Code);
        using Model model = Model.Load(Lowering.Lower(TfLiteReader.Read(file), new LoweringOptions()));
        var expected = new sbyte[3];
        using var interpreter = new Interpreter(model, KernelPath.Reference);
        interpreter.Invoke(MemoryMarshal.Cast<byte, sbyte>(input), expected);
        Assert.Equal(expected, MemoryMarshal.Cast<byte, sbyte>(File.ReadAllBytes(answer)).ToArray());

        CliRun verified = CliRun.Of("verify", ecm, "--images", "20");
        Assert.True(verified.Code == 0, verified.Errors);
    }

    [Fact]
    public void A_network_of_int16_is_converted_and_verified()
    {
        string tflite = _folder.Write("wide.tflite", GeneratedModel.Of("network int16", 1).File), ecm = _folder.Path("wide.ecm");
        CliRun converted = CliRun.Of("convert", tflite, "-o", ecm);
        Assert.True(converted.Code == 0, converted.Errors);
        Assert.Equal(0, CliRun.Of("verify", ecm, "--images", "5").Code);
    }

    [Fact]
    public void Columns_that_nothing_was_measured_for_are_left_out()
    {
        string tflite = _folder.Write("net.tflite", GeneratedModel.Of("network int16", 1).File), page = _folder.Path("net.html");
        CliRun converted = CliRun.Of("convert", tflite, "-o", _folder.Path("net.ecm"), "--report", page);
        Assert.True(converted.Code == 0, converted.Errors);
        Assert.Contains("zero point", converted.Output);
        Assert.DoesNotContain("SQNR", converted.Output);
        Assert.DoesNotContain(">saturated<", File.ReadAllText(page));
    }

    [Fact]
    public void A_file_that_is_none_is_one_sentence()
    {
        string tflite = _folder.Write("net.tflite", [1, 2, 3]);
        CliRun.Of("convert", tflite, "-o", _folder.Path("net.ecm")).Failed(1, "net.tflite", "not a TFLite file");
        CliRun.Of("convert", _folder.Path("no.tflite"), "-o", _folder.Path("net.ecm")).Failed(1, "no.tflite");
        Assert.False(File.Exists(_folder.Path("net.ecm")));
    }

    [Fact]
    public void Unsupported_operators_are_listed()
    {
        var w = new NetworkWriter(4);
        Activation x = w.Activation("x", [1, 8], 0.1f, 0);
        Activation y = w.Operator("FLOOR", [x.Tensor], w.Activation("y", [1, 8], 0.1f, 0));
        string tflite = _folder.Write("net.tflite", w.Builder.Build([x.Tensor], [y.Tensor]));
        CliRun.Of("convert", tflite, "-o", _folder.Path("net.ecm")).Failed(1, "an operator is not supported", "FLOOR #0");
    }

    [Fact]
    public void Options_that_choose_a_quantization_do_not_go_with_it()
    {
        string tflite = _folder.Write("net.tflite", PictureTests.File(1f / 255, -128));
        CliRun.Of("convert", tflite, "-o", _folder.Path("net.ecm"), "--equalize").Failed(2, "arrives quantized");
    }

    [Fact]
    public void Where_a_model_file_is_expected_the_message_says_how_to_make_one()
    {
        string tflite = _folder.Write("net.tflite", PictureTests.File(1f / 255, -128));
        CliRun.Of("inspect", tflite).Failed(1, "TFLite model", "edgeconv convert");
    }

    [Fact]
    public void Help_names_tflite_files() => Assert.Contains(".tflite", CliRun.Of("convert", "--help").Output);
}
