using System.Diagnostics;
using System.Text.Json;

namespace EdgeConv.Tests.Trainer;

/// <summary>The trainer as a process: what it answers, what it leaves, and what a kill leaves.</summary>
[Collection("torch")]
public sealed class TrainCommandTests
{
    [Theory]
    [InlineData(2, "Unknown model 'lenet6'. Known: lenet5", "train", "--model", "lenet6")]
    [InlineData(1, "There is no data set 'mnits'", "train", "--data", "mnits")]
    [InlineData(1, "nothing to resume", "train", "--resume")]
    [InlineData(2, "--epochs is 0; 1 to 100000 is expected", "train", "--epochs", "0")]
    [InlineData(2, "--lr is -1", "train", "--lr", "-1")]
    [InlineData(2, "'many'", "train", "--batch", "many")]
    [InlineData(2, "--validation 60000 leaves nothing to train on", "train", "--validation", "60000")]
    [InlineData(2, "'--fast'", "train", "--fast")]
    [InlineData(2, "--size is 0x5", "train", "--size", "0x5")]
    [InlineData(2, "--channels is 2; 1 or 3", "train", "--channels", "2")]
    [InlineData(2, "'spin=1' is no augmentation", "train", "--augment", "spin=1")]
    [InlineData(2, "--connection-table belongs to lenet5-1998", "train", "--connection-table")]
    [InlineData(2, "Unknown model 'lenet6'", "train", "--recipe", "lenet6")]
    [InlineData(2, "--patience looks at the validation accuracy", "train", "--patience", "3", "--validation", "0")]
    [InlineData(1, "The network file gone.net cannot be read", "train", "--model", "gone.net")]
    [InlineData(1, "layer conv2: A 5x5 window does not fit its input of 4x4x6", "train", "--size", "8")]
    [InlineData(1, "--transfer-from gone: there is no such run folder or file", "train", "--transfer-from", "gone")]
    [InlineData(1, ": the folder has no model.onnx, which a training writes", "train", "--transfer-from", ".")]
    [InlineData(2, "--freeze is most; all, none or a number", "train", "--transfer-from", "cifar", "--freeze", "most")]
    [InlineData(2, "--freeze 8 leaves nothing to learn: conv7-cifar has 8 layers", "train", "--transfer-from", "cifar", "--freeze", "8")]
    [InlineData(2, "--freeze belongs to a transfer", "train", "--freeze", "2")]
    [InlineData(2, "--model does not go with --transfer-from", "train", "--transfer-from", "cifar", "--model", "lenet5")]
    [InlineData(2, "--grid is 0; 1 to 16", "train", "--transfer-from", "cifar", "--grid", "0")]
    [InlineData(1, "conv7-cifar, layer conv1: A 2x2 window does not fit", "train", "--transfer-from", "cifar", "--size", "1")]
    [InlineData(1, "libtorch finds no GPU", "train", "--device", "cuda", "--find-lr")]
    [InlineData(2, "'quantum'", "train", "--device", "quantum")]
    [InlineData(2, "'trian'", "trian")]
    public void A_mistake_is_answered_in_a_line(int code, string expected, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        Result result = Trainer.Run(folder, arguments);
        Assert.True(code == result.Code, $"exit code {result.Code}: {result.Errors}");
        Assert.Contains(expected, result.Errors);
        Assert.DoesNotContain("   at ", result.Errors);
    }

    [Fact]
    public void A_run_folder_that_cannot_be_made_is_said()
    {
        using var folder = new TemporaryFolder();
        folder.Write("file", [1]);
        Result result = Trainer.Run(folder, "train", "--out", "file/run");
        Assert.Equal(1, result.Code);
        Assert.Contains("The run folder file/run cannot be written", result.Errors);
    }

    [Fact]
    public void Help_has_an_example()
    {
        using var folder = new TemporaryFolder();
        Result result = Trainer.Run(folder, "train", "--help");
        Assert.Equal(0, result.Code);
        Assert.Contains("edgeconv train --model lenet5 --data mnist --epochs 10 --out runs/lenet5", result.Output);
    }

    [Fact]
    public void Killed_and_resumed_it_ends_in_the_same_files()
    {
        using var folder = new TemporaryFolder();
        new TinyDigits(0, 400).WriteTo(folder, "digits");
        string[] options = ["train", "--data", "digits", "--epochs", "4", "--batch", "16", "--augment", "--validation", "50"];

        Result whole = Trainer.Run(folder, [.. options, "--out", "whole"]);
        Assert.True(whole.Code == 0, whole.Errors);
        Assert.Contains("61,706", whole.Output);
        Assert.Contains("epoch   4/4", whole.Output);
        Assert.Contains("test accuracy", whole.Output);

        Trainer.KillAfter("epoch   1/4", folder, [.. options, "--out", "killed"]);
        Result other = Trainer.Run(folder, "train", "--resume", "--out", "killed", "--epochs", "5");
        Assert.Equal(2, other.Code);
        Assert.Contains("Epochs: 4 in the run, 5 asked for", other.Errors);

        Result resumed = Trainer.Run(folder, "train", "--resume", "--out", "killed");
        Assert.True(resumed.Code == 0, resumed.Errors);
        Assert.DoesNotContain("epoch   1/4", resumed.Output);
        // What the kill may have left half written has gone with the next writing.
        Assert.Empty(Directory.GetFiles(folder.Path("killed"), "*.tmp", SearchOption.AllDirectories));
        Assert.Equal(File.ReadAllBytes(folder.Path("whole", "model.onnx")), File.ReadAllBytes(folder.Path("killed", "model.onnx")));
        Assert.Equal(TestAccuracy(folder.Path("whole")), TestAccuracy(folder.Path("killed")));

        Assert.StartsWith("network lenet5\ninput 28x28x1\nconv 6 5x5 pad 2\n", File.ReadAllText(folder.Path("whole", "network.net")));
        byte[] curve = File.ReadAllBytes(folder.Path("whole", "curve.png"));
        Assert.Equal("PNG"u8.ToArray(), curve[1..4]);
        using JsonDocument settings = JsonDocument.Parse(File.ReadAllBytes(folder.Path("whole", "settings.json")));
        Assert.Equal(1, settings.RootElement.GetProperty("settings").GetProperty("seed").GetInt32());
        Assert.Equal("0.107.0", settings.RootElement.GetProperty("versions").GetProperty("torchSharp").GetString());
    }

    [Fact]
    public void A_network_from_a_file_is_trained_on_an_unbalanced_csv_and_its_run_folder_stands_alone()
    {
        using var folder = new TemporaryFolder();
        var digits = new TinyDigits(0, 300);
        digits.WriteTo(folder, "digits");
        string[] files = [.. Directory.GetFiles(folder.Path("digits"), "*.pgm", SearchOption.AllDirectories).Order()];
        IEnumerable<string> lines = files.Select(f => $"{Path.GetRelativePath(folder.Root, f)},{(f.Contains("/1/") ? "one" : "other")}");
        folder.Write("list.csv", System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines.Append("gone.pgm,one"))));
        string[] layers = ["input 28x28x1", "conv 4 3x3 stride 2 pad 1 nobias", "bn", "a: relu", "dw 3x3 pad same", "add a", "dropout 0.1", "fc classes"];
        folder.Write("my.net", System.Text.Encoding.UTF8.GetBytes(string.Join('\n', layers)));
        string[] options =
            ["train", "--model", "my.net", "--data", "list.csv", "--class-weights", "--augment", "rotate=10 noise=5", "--width", "2", "--size", "20", "--epochs", "3"];
        Result whole = Trainer.Run(folder, [.. options, "--out", "whole"]);
        Assert.True(whole.Code == 0, whole.Errors);
        Assert.Contains("picture is left out", whole.Output);
        Assert.Contains("gone.pgm", whole.Output);
        Trainer.KillAfter("epoch   1/3", folder, [.. options, "--out", "killed"]);
        File.Delete(folder.Path("my.net"));
        Result resumed = Trainer.Run(folder, "train", "--resume", "--out", "killed");
        Assert.True(resumed.Code == 0, resumed.Errors);
        Assert.Equal(File.ReadAllBytes(folder.Path("whole", "model.onnx")), File.ReadAllBytes(folder.Path("killed", "model.onnx")));
        Assert.Contains("input 20x20x1\nconv 8 3x3 stride 2 pad 1 nobias\n", File.ReadAllText(folder.Path("killed", "network.net")));
    }

    [Fact]
    public void The_learning_rate_finder_prints_a_curve_and_writes_nothing()
    {
        using var folder = new TemporaryFolder();
        new TinyDigits(0, 200).WriteTo(folder, "digits");
        Result result = Trainer.Run(folder, "train", "--data", "digits", "--find-lr", "--model", "lenet-nano");
        Assert.True(result.Code == 0, result.Errors);
        Assert.Contains("suggestion: --lr ", result.Output);
        Assert.False(Directory.Exists(folder.Path("runs")));
    }

    [Fact]
    public void Ctrl_C_stops_with_a_line_how_to_go_on()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signal to send to one process.");
        using var folder = new TemporaryFolder();
        new TinyDigits(0, 400).WriteTo(folder, "digits");
        string[] options = ["train", "--data", "digits", "--epochs", "2000", "--validation", "0", "--out", "run"];
        Result result = Trainer.InterruptAfter("epoch   1/2000", folder, options);
        Assert.Equal(130, result.Code);
        Assert.Contains("edgeconv train --resume --out run", result.Errors);
        Assert.True(File.Exists(folder.Path("run", "checkpoint", "state.bin")));
    }

    private static double TestAccuracy(string run)
    {
        using JsonDocument metrics = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(run, "metrics.json")));
        Assert.Equal(4, metrics.RootElement.GetProperty("epochs").GetArrayLength());
        return metrics.RootElement.GetProperty("testAccuracy").GetDouble();
    }

    internal sealed record Result(int Code, string Output, string Errors);

    internal static class Trainer
    {
        private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

        public static Result Run(TemporaryFolder folder, params string[] arguments) => Run(folder, null, _ => { }, arguments);

        public static void KillAfter(string line, TemporaryFolder folder, params string[] arguments) =>
            Run(folder, line, process => process.Kill(), arguments);

        public static Result InterruptAfter(string line, TemporaryFolder folder, params string[] arguments) =>
            Run(folder, line, process => Process.Start("kill", ["-INT", $"{process.Id}"]).WaitForExit(), arguments);

        private static Result Run(TemporaryFolder folder, string? line, Action<Process> then, string[] arguments)
        {
            string trainer = Path.Combine(AppContext.BaseDirectory, "EdgeConv.Trainer.dll");
            var start = new ProcessStartInfo("dotnet", [trainer, .. arguments])
            {
                WorkingDirectory = folder.Root,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["XDG_CACHE_HOME"] = folder.Path("cache"); // no test leaves anything in the user's
            using Process process = Process.Start(start)!;
            var output = new List<string>();
            bool waiting = line != null;
            process.OutputDataReceived += (_, e) =>
            {
                if (e.Data == null) return;
                output.Add(e.Data);
                if (!waiting || !e.Data.StartsWith(line!, StringComparison.Ordinal)) return;
                waiting = false;
                then(process);
            };
            process.BeginOutputReadLine();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(_patience)) process.Kill(entireProcessTree: true);
            process.WaitForExit();
            return new Result(process.ExitCode, string.Join('\n', output), errors.Result);
        }
    }
}
