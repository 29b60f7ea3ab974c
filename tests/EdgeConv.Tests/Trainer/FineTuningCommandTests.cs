using System.Text.Json;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Onnx.Proto;
using EdgeConv.Runtime;
using EdgeConv.Tests.Cli;
using EdgeConv.Tests.Converters;
using static EdgeConv.Tests.Trainer.TrainCommandTests;

namespace EdgeConv.Tests.Trainer;

/// <summary>train --qat as a process, and what convert makes of its run folder.</summary>
[Collection("torch")]
public sealed class FineTuningCommandTests
{
    [Fact]
    public void Fine_tuned_killed_resumed_and_converted_it_ends_in_the_same_model_file_that_was_simulated()
    {
        using var folder = new TemporaryFolder();
        new TinyDigits(0, 600).WriteTo(folder, "digits");
        Result plain = TrainCommandTests.Trainer.Run(
            folder, "train", "--data", "digits", "--epochs", "3", "--batch", "16", "--validation", "50", "--model", "lenet-nano", "--out", "run");
        Assert.True(plain.Code == 0, plain.Errors);

        string[] options = ["train", "--qat", "--from", "run", "--int4", "all", "--equalize", "--epochs", "4"];
        Result whole = TrainCommandTests.Trainer.Run(folder, options);
        Assert.True(whole.Code == 0, whole.Errors);
        Assert.Contains("int4 weights, int8 activations", whole.Output);
        Assert.Contains("before fine-tuning", whole.Output);

        // Without the network that it started from, which is in two files here: the run folder has all that a resume needs.
        string network = folder.Path("run", "model.onnx");
        ExternalForm.WriteTogether(ModelProto.Parser.ParseFrom(File.ReadAllBytes(network)), network);
        TrainCommandTests.Trainer.KillAfter("epoch   1/4", folder, [.. options, "--out", "killed"]);
        File.Delete(network);
        File.Delete($"{network}.data");
        Result resumed = TrainCommandTests.Trainer.Run(folder, "train", "--resume", "--out", "killed");
        Assert.True(resumed.Code == 0, resumed.Errors);
        Assert.DoesNotContain("epoch   1/4", resumed.Output);
        foreach (string file in new[] { "model.onnx", "model.qdq.onnx" })
            Assert.Equal(File.ReadAllBytes(folder.Path("run-qat", file)), File.ReadAllBytes(folder.Path("killed", file)));

        string model = folder.Path("model.ecm");
        CliRun converted = CliRun.Of("convert", folder.Path("run-qat"), "-o", model, "--test", folder.Path("digits"));
        Assert.True(converted.Code == 0, converted.Errors);
        Assert.Contains("model.qdq.onnx comes from quantization-aware training", converted.Errors);
        using Model taken = Model.Open(model);
        Assert.Contains(taken.Tensors, t => t.Type == ElementType.Int4);
        Assert.DoesNotContain(taken.Tensors, t => t.Type == ElementType.Int8 && t.Name.EndsWith(".weights", StringComparison.Ordinal));
        using JsonDocument metrics = JsonDocument.Parse(File.ReadAllBytes(folder.Path("run-qat", "metrics.json")));
        double simulated = metrics.RootElement.GetProperty("testAccuracy").GetDouble();
        using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(folder.Path("model.report.json")));
        Assert.Equal(simulated, report.RootElement.GetProperty("int8Accuracy").GetDouble(), 6);

        CliRun.Of("convert", folder.Path("run-qat"), "-o", model, "--test", folder.Path("digits"), "--equalize")
            .Failed(2, "taken over as it is", "model.onnx");
    }

    [Fact]
    public void A_mistake_is_answered_in_a_line()
    {
        using var folder = new TemporaryFolder();
        new TinyDigits(0, 100).WriteTo(folder, "digits");
        Result plain = TrainCommandTests.Trainer.Run(folder, "train", "--data", "digits", "--epochs", "1", "--model", "lenet-nano", "--out", "run");
        Assert.True(plain.Code == 0, plain.Errors);
        OnnxWriter.Write(OnnxReader.Read(folder.Path("run", "model.onnx")) with { Picture = null }, folder.Path("bare.onnx"));
        folder.Write("broken.onnx", [1, 2, 3]);
        folder.Write("damaged/model.onnx", File.ReadAllBytes(folder.Path("run", "model.onnx")));
        folder.Write("damaged/settings.json", "{\"settings\": {"u8.ToArray());
        folder.Write("digits2/a/0.pgm", [.. "P5 28 28 255\n"u8, .. new byte[784]]);
        folder.Write("digits2/b/0.pgm", [.. "P5 28 28 255\n"u8, .. new byte[784]]);
        (int Code, string Expected, string[] Arguments)[] mistakes =
        [
            (2, "name its run folder with --from", ["--qat"]),
            (2, "--from is for quantization-aware training; add --qat", ["--from", "run"]),
            (2, "--int4 is for quantization-aware training; add --qat", ["--int4", "all"]),
            (2, "--equalize is for quantization-aware training; add --qat", ["--equalize"]),
            (2, "--model does not go with --qat", ["--qat", "--from", "run", "--model", "lenet5"]),
            (2, "--int4 names 'conv9'; the layers with weights are conv1", ["--qat", "--from", "run", "--int4", "conv9"]),
            (2, "would replace the network that --from names", ["--qat", "--from", "run", "--out", "run"]),
            (2, "name them with --data", ["--qat", "--from", "bare.onnx"]),
            (2, "is a float training; leave out --qat", ["--qat", "--resume", "--out", "run"]),
            (1, "There is no nowhere; --from expects", ["--qat", "--from", "nowhere"]),
            (1, "settings.json is damaged", ["--qat", "--from", "damaged"]),
            (1, "digits holds no model.onnx", ["--qat", "--from", "digits"]),
            (1, "does not say how pictures become its input", ["--qat", "--from", "bare.onnx", "--data", "digits"]),
            (1, "has 10 outputs, the pictures 2 classes (a, b)", ["--qat", "--from", "run", "--data", "digits2"]),
            (1, "broken.onnx", ["--qat", "--from", "broken.onnx", "--data", "digits"]),
        ];
        foreach ((int code, string expected, string[] arguments) in mistakes)
        {
            Result result = TrainCommandTests.Trainer.Run(folder, ["train", .. arguments]);
            Assert.True(code == result.Code, $"{string.Join(' ', arguments)}: exit code {result.Code}: {result.Errors}");
            Assert.Contains(expected, result.Errors);
            Assert.DoesNotContain("   at ", result.Errors);
        }

        Assert.True(File.Exists(folder.Path("run", "model.onnx")));
    }
}
