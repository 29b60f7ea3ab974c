using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Networks;
using EdgeConv.Tests.Cli;
using EdgeConv.Trainer.Native;
using EdgeConv.Trainer.Networks;
using EdgeConv.Trainer.Parts;
using EdgeConv.Trainer.Pictures;
using EdgeConv.Trainer.Training;
using TorchSharp;

namespace EdgeConv.Tests.Trainer;

/// <summary>The same seed gives the same bytes, however many threads and processors there are.</summary>
[Collection("torch")]
public sealed class ReproducibilityTests
{
    // Whatever meets or divides: batch normalization, a value with two readers, depthwise filters, dropout.
    private static readonly string[] _layers =
        ["input 28x28x1", "conv 8 3x3 stride 2 pad 1 nobias", "bn", "a: relu", "dw 3x3 pad same", "bn", "add a", "relu", "dropout 0.1", "fc classes"];

    private const string PixelNetwork = "input 4x4x3\nconv 6 4x4 nobias\nbn\nrelu\nfc classes";

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    [Fact]
    public void A_seed_gives_the_same_model_file_on_one_two_and_three_threads_stopped_or_not_and_on_fewer_processors()
    {
        Assert.SkipWhen(OperatingSystem.IsLinux() && !Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(path => File.Exists(Path.Combine(path, "taskset"))),
            "no taskset here, which gives a process one processor; it is in the package util-linux");
        using var folder = new TemporaryFolder();
        new TinyDigits(0, 220).WriteTo(folder, "digits");
        string data = folder.Path("digits"), network = folder.Write("my.net", [.. string.Join('\n', _layers).Select(c => (byte)c)]);
        IDataSet pictures = DataSets.Open(data, Split.Train);
        Recipe recipe = Recipe.For(network, data) with { Epochs = 2, Batch = 50 };
        TrainingSettings settings = TrainingSettings.From(recipe, network, data, pictures.Count) with { Seed = 5, Augmentation = "handwriting" };
        Assert.Equal(4, settings.Parts);
        string one = folder.Path("1", "run");
        TrainingRun.Start(settings, pictures, new RunFolder(one), new Resources(1)).Execute();
        TrainingRun.Start(settings, pictures, new RunFolder(folder.Path("2", "run")), new Resources(2, Workers: 2)).Execute();
        Stop(settings, pictures, new RunFolder(folder.Path("stopped", "run")), after: 1, new Resources(1));
        (TrainingSettings kept, TrainingState state) = CheckpointFile.Load(new RunFolder(folder.Path("stopped", "run")).Checkpoint);
        TrainingRun.Resume(kept, pictures, state, new RunFolder(folder.Path("stopped", "run")), new Resources(3)).Execute();
        RunOnOneProcessor(folder, "train", "--model", network, "--data", data, "--epochs", "2", "--batch", "50", "--seed", "5", "--augment", "handwriting",
            "--threads", "3", "--out", folder.Path("processor", "elsewhere"));

        foreach (string other in new[] { folder.Path("2", "run"), folder.Path("stopped", "run"), folder.Path("processor", "elsewhere") })
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(one, "model.onnx")), File.ReadAllBytes(Path.Combine(other, "model.onnx")));
            Assert.Equal(Told(Path.Combine(one, "settings.json"), "command"), Told(Path.Combine(other, "settings.json"), "command"));
            Assert.Equal(Told(Path.Combine(one, "metrics.json"), "seconds", "imagesPerSecond"),
                Told(Path.Combine(other, "metrics.json"), "seconds", "imagesPerSecond"));
        }

        string[] convert = ["--calibrate", data, "--max-drop", "0.1", "--correct-bias", "--method", "mse", "-o"];
        string here = folder.Path("1", "digits.ecm"), there = folder.Path("processor", "digits.ecm");
        CliRun[] runs =
        [
            CliRun.Of(["convert", one, .. convert, here]),
            CliRun.InChild(("DOTNET_PROCESSOR_COUNT", "1"), ["convert", folder.Path("processor", "elsewhere"), .. convert, there]),
        ];
        Assert.All(runs, run => Assert.True(run.Code == 0, run.Errors));
        Assert.Equal(File.ReadAllBytes(here), File.ReadAllBytes(there));
        string[] ofTheRun = ["command", "sha256"]; // the files of the run name the command
        Assert.Equal(Told(Path.ChangeExtension(here, ".report.json"), ofTheRun), Told(Path.ChangeExtension(there, ".report.json"), ofTheRun));
    }

    [Theory]
    [InlineData("resnet8", 17, 7)]
    [InlineData("ds-cnn", 17, 7)]
    [InlineData("alexnet-cifar", 17, 7)]
    [InlineData(PixelNetwork, 7, 7)] // a part has one value a channel
    [InlineData(PixelNetwork, 5, 7)] // and there are fewer pictures than parts
    public void A_batch_in_parts_has_the_loss_the_gradient_and_the_statistics_of_a_whole_one(string name, int pictures, int parts)
    {
        NetworkDescription network = name == PixelNetwork
            ? NetworkParser.Parse(name, "pixel.net", new NetworkOptions { Classes = 10 })
            : KnownNetworks.Create(name, new NetworkOptions { Height = 32, Width = 32, Channels = 3, Classes = 10, Factor = 0.5 });
        network = network with { Layers = [.. network.Layers.Select(layer => layer is DropoutLayer drop ? drop with { Part = 0 } : layer)] };
        using var batch = new Batch(pictures, network.Input.Channels, network.Input.Height, network.Input.Width, channelsLast: true);
        var random = new Random(3);
        foreach (ref float value in batch.Values) value = random.NextSingle() * 4 - 1;
        for (int i = 0; i < batch.Labels.numel(); i++) batch.Labels[i] = random.Next(10);

        using var whole = new TorchNetwork(network, 9);
        using var parted = new TorchNetwork(network, 9);
        (double Loss, float[] Gradient, float[] Statistics) expected = Compute(whole, 1, 1), found = Compute(parted, parts, 3);
        Assert.Equal(expected.Loss, found.Loss, 1e-4 * Math.Abs(expected.Loss));
        Close(expected.Gradient, found.Gradient);
        Close(expected.Statistics, found.Statistics);

        (double Loss, float[] Gradient, float[] Statistics) Compute(TorchNetwork of, int parts, int threads)
        {
            using var team = new PartTeam(threads);
            using var parted = new PartedNetwork(of, team, parts);
            using torch.Tensor weights = torch.tensor(Enumerable.Range(1, 10).Select(i => i / 5f).ToArray());
            double loss = parted.Learn(batch, _ => new torch.Generator(1), weights, 0.1).Loss;
            parted.Measure(batch, Pass.Measuring(0));
            return (loss, parted.Gradient.data<float>().ToArray(), of.Statistics.data<float>().ToArray());
        }

        static void Close(float[] expected, float[] found)
        {
            double error = Math.Sqrt(expected.Zip(found, (a, b) => ((double)a - b) * (a - b)).Sum()), size = Math.Sqrt(expected.Sum(a => (double)a * a));
            Assert.True(error <= 1e-4 * size, $"off by {error} of {size}");
        }
    }

    [Fact]
    public void What_is_dropped_is_drawn_on_the_processor_whatever_the_device()
    {
        LibTorch.Prepare();
        PlacedLayer layer = new NetworkDescription("drop", new FeatureShape(4, 4, 3), [new DropoutLayer(0.5f)]).Place()[0];
        float[] here = NextAfterDrop(torch.CPU), there = NextAfterDrop(torch.META), untouched = torch.rand(8, generator: new torch.Generator(5)).data<float>().ToArray();
        Assert.Equal(here, there);
        Assert.NotEqual(untouched, there);

        float[] NextAfterDrop(torch.Device device)
        {
            using var random = new torch.Generator(5);
            using torch.Tensor x = torch.ones([2, 3, 4, 4], device: device);
            using torch.Tensor dropped = TorchLayers.Forward(layer, [x], [], x, Pass.Training with { Dropout = random });
            Assert.Equal(device.type, dropped.device.type);
            return torch.rand(8, generator: random).data<float>().ToArray();
        }
    }

    [Fact]
    public void A_part_that_fails_ends_the_batch_with_its_own_message_and_the_team_goes_on()
    {
        using var team = new PartTeam(3);
        var order = new List<int>();
        for (int failing = 0; failing < 5; failing++)
        {
            Assert.Equal($"part {failing}", Assert.Throws<InvalidDataException>(() => team.Run(5, (part, exchange) => Steps(part, exchange, failing))).Message);
            Assert.Equal($"piece {failing}",
                Assert.Throws<InvalidDataException>(() => team.For(9, i => _ = i == failing ? throw new InvalidDataException($"piece {i}") : 0)).Message);
        }

        team.Run(5, (part, exchange) => Steps(part, exchange, -1));
        Assert.Equal([0, 1, 2, 3, 4], order);

        IEnumerator<double[]> Steps(int part, Exchange exchange, int failing)
        {
            yield return [part, 1];
            Assert.Equal([10, 5], exchange.Total);
            if (part == failing) throw new InvalidDataException($"part {part}");
            exchange.InTurn(part, () =>
            {
                if (failing < 0) order.Add(part);
            });
        }
    }

    private static void Stop(TrainingSettings settings, IDataSet data, RunFolder folder, int after, Resources resources)
    {
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => TrainingRun.Start(settings, data, folder, resources).Execute(new StopAfter(after, stop), stop.Token));
    }

    private static void RunOnOneProcessor(TemporaryFolder folder, params string[] arguments)
    {
        string[] program = ["dotnet", Path.Combine(AppContext.BaseDirectory, "EdgeConv.Trainer.dll"), .. arguments];
        string[] command = OperatingSystem.IsLinux() ? ["taskset", "-c", FirstProcessor(), .. program] : program;
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["XDG_CACHE_HOME"] = folder.Path("cache");
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(_patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"A training of seconds has not ended after {_patience}.");
        }
        Assert.True(process.ExitCode == 0, errors.Result + output.Result);
    }

    // Of those that this process may use: a container need not have the first of the machine.
    private static string FirstProcessor()
    {
        const string Allowed = "Cpus_allowed_list:";
        string list = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Allowed, StringComparison.Ordinal))[Allowed.Length..];
        return list.Trim().Split(',', '-')[0];
    }

    // A file of JSON without what may differ, at any depth.
    private static string Told(string path, params string[] but)
    {
        JsonNode node = JsonNode.Parse(File.ReadAllText(path))!;
        Strip(node);
        return node.ToJsonString(new JsonSerializerOptions { WriteIndented = true });

        void Strip(JsonNode? inside)
        {
            if (inside is JsonArray array)
            {
                foreach (JsonNode? element in array) Strip(element);
            }
            else if (inside is JsonObject fields)
            {
                foreach (string name in but) fields.Remove(name);
                foreach ((string _, JsonNode? value) in fields) Strip(value);
            }
        }
    }

    private sealed class StopAfter(int epoch, CancellationTokenSource stop) : ITrainingProgress
    {
        public void Begin(int epochs, int stepsPerEpoch, int firstEpoch)
        {
        }

        public void Step(int epoch, int step, double loss, double accuracy, double imagesPerSecond)
        {
        }

        public void EndEpoch(EpochMetrics metrics, bool best)
        {
            if (metrics.Epoch == epoch) stop.Cancel();
        }

        public void Note(string text)
        {
        }
    }
}
