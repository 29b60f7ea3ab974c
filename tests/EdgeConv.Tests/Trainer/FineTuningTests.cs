using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Networks;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using EdgeConv.Trainer.Networks;
using EdgeConv.Trainer.Parts;
using EdgeConv.Trainer.Pictures;
using EdgeConv.Trainer.QuantizationAware;
using EdgeConv.Trainer.Training;
using TorchSharp;
using InputQuantizer = EdgeConv.Converters.InputQuantizer;

namespace EdgeConv.Tests.Trainer;

/// <summary>Quantization-aware training gives back what post-training quantization takes.</summary>
[Collection("torch")]
public sealed class FineTuningTests
{
    private const int Learnt = 1000, Tested = 1000;

    private static readonly TrainingSettings _plain =
        Some.Settings with { Epochs = 6, Batch = 32, Augmentation = "", Validation = 0, WeightDecay = 0.01 };

    private static readonly TrainingSettings _fine = _plain with
    {
        Parts = 4,
        Epochs = 3,
        LearningRate = 1e-3,
        WeightDecay = 0,
        AverageDecay = 0,
        Quantization = new QuantizationSettings("in memory"),
    };

    private static readonly Lazy<PictureSamples> _training = new(() => PictureSamples.Load(new TinyDigits(0, Learnt), Some.Picture.Layout));
    private static readonly Lazy<PictureSamples> _test = new(() => PictureSamples.Load(new TinyDigits(Learnt, Tested), Some.Picture.Layout));

    private static readonly Lazy<Graph> _lenet = new(() =>
    {
        NetworkDescription network = KnownNetworks.Create("lenet5", 10);
        using var loop = new TrainingLoop(network, _training.Value, null, Some.Picture, _plain);
        while (!loop.Finished) loop.RunEpoch();
        return Fusion.Apply(NetworkGraph.Create(network, loop.State().Best, loop.State().BestStatistics, Some.Picture, []));
    });

    [Fact]
    public void A_network_that_quantization_hurts_recovers()
    {
        // Channels of very different size, and four bits for the weights that take it back.
        Graph uneven = Uneven(_lenet.Value);
        FrozenQuantization quantization = Freeze(uneven, new QuantizerOptions { Int4 = ["conv1", "conv2", "fc1", "fc2", "fc3"] });
        float[] tuned = Train(quantization, _fine with { Epochs = 6, LearningRate = 2e-3 }, null, out _).Best;
        (double whole, double hurt, double after) =
            (FloatAccuracy(uneven), Accuracy(quantization, quantization.Weights), Accuracy(quantization, tuned));
        Assert.True(hurt < whole - 0.2, $"float {whole}, quantized {hurt}: this network is not hurt");
        Assert.True(after > whole - 0.02, $"float {whole}, quantized {hurt}, fine-tuned {after}");
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_and_so_does_a_training_that_goes_on_in_another_process()
    {
        FrozenQuantization quantization = Freeze(_lenet.Value, new QuantizerOptions { Int4 = ["fc1"] });
        TrainingState whole = Train(quantization, _fine, null, out TrainingState first, new Resources(1));
        TrainingState again = Train(quantization, _fine, null, out _, new Resources(3));
        Assert.Equal(whole.Weights, again.Weights);
        Assert.NotEqual(whole.Weights, Train(quantization, _fine with { Seed = 8 }, null, out _).Weights);

        using var folder = new TemporaryFolder();
        CheckpointFile.Save(folder.Path("state.bin"), _fine, first);
        (TrainingSettings settings, TrainingState state) = CheckpointFile.Load(folder.Path("state.bin"));
        Assert.Equal(_fine, settings);
        TrainingState resumed = Train(Freeze(_lenet.Value, new QuantizerOptions { Int4 = ["fc1"] }), settings, state, out _);
        Assert.Equal(whole.Weights, resumed.Weights);
        Assert.Equal(whole.Best, resumed.Best);
        Assert.Equal(whole.Epochs.Select(e => e.TrainLoss), resumed.Epochs.Select(e => e.TrainLoss));
    }

    [Fact]
    public void The_accuracy_that_is_simulated_is_that_of_the_model_file()
    {
        FrozenQuantization quantization = Freeze(_lenet.Value, new QuantizerOptions { Int4 = ["conv2", "fc1", "fc2"] });
        float[] weights = Train(quantization, _fine with { Epochs = 1 }, null, out _).Best;
        using Model model = Model.Load(Lowering.Lower(quantization.Quantize(weights), new LoweringOptions()));
        using var interpreter = new Interpreter(model);
        var output = new sbyte[10];
        int right = 0;
        var input = new InputQuantizer(model.Preprocessing!);
        for (int i = 0; i < Tested; i++)
        {
            interpreter.Invoke(input.Run(_test.Value.Pixels(i).ToArray()), output);
            right += Array.IndexOf(output, output.Max()) == _test.Value.Label(i) ? 1 : 0;
        }

        Assert.Equal(right / (double)Tested, Accuracy(quantization, weights), 6);
    }

    [Fact]
    public void The_gradient_is_about_that_of_the_float_network()
    {
        NetworkDescription network = KnownNetworks.Create("lenet5", 10);
        float[] weights = LayerWeights.Initial(network, 3);
        using var plain = new TorchNetwork(network, weights, []);
        FrozenQuantization quantization = Freeze(Fusion.Apply(NetworkGraph.Create(network, weights, (float[])[], Some.Picture, [])), new QuantizerOptions());
        using var simulated = new FakeQuantizedNetwork(quantization);

        // A gradient is laid out as the weights are, so the same way brings it into the converter's order.
        float[] gradient = Gradient(plain);
        Graph moved = Fusion.Apply(NetworkGraph.Create(network, gradient, (float[])[], Some.Picture, []));
        float[] expected = Freeze(moved, new QuantizerOptions()).Weights, found = Gradient(simulated);
        double cosine = Product(expected, found) / Math.Sqrt(Product(expected, expected) * Product(found, found));
        Assert.True(cosine > 0.98, $"cosine {cosine}");
        Assert.InRange(Math.Sqrt(Product(found, found) / Product(expected, expected)), 0.9, 1.1);

        static double Product(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
    }

    [Fact]
    public void A_network_with_an_operation_that_has_no_gradient_here_is_named()
    {
        var input = new Value("x", [1, 4, 4, 1]);
        var graph = new Graph("mul", input, [new Node("square", new Arithmetic(ArithmeticFunction.Mul), ["x", "x"], new Value("y", [1, 4, 4, 1]))], "y");
        Ranges ranges = Calibrator.Run(graph, [[.. Enumerable.Range(0, 16).Select(i => (float)i)]]);
        FrozenQuantization quantization = FrozenQuantization.Create(graph, ranges);
        Assert.Contains("square (Arithmetic)",
            Assert.Throws<EdgeConv.Trainer.TrainingException>(() => new FakeQuantizedNetwork(quantization)).Message);
    }

    // The same function of the picture, with channels of very different size inside: what follows a channel takes its factor back.
    private static Graph Uneven(Graph graph)
    {
        List<Node> nodes = [.. graph.Nodes];
        int[] layers = [.. nodes.Index().Where(n => n.Item.Operation is Conv2D or FullyConnected).Select(n => n.Index)];
        foreach ((int from, int to) in layers.Zip(layers.Skip(1)))
        {
            int channels = FrozenQuantization.Parts(nodes[from].Operation).Bias.Length;
            int row = FrozenQuantization.Parts(nodes[from].Operation).Weights.Length / channels;
            nodes[from] = With(nodes[from], (w, i) => w * Factor(i / row), (b, o) => b * Factor(o));
            nodes[to] = With(nodes[to], (w, i) => w / Factor(i % channels), (b, _) => b);
        }

        return graph with { Nodes = nodes };

        static float Factor(int channel) => MathF.Pow(2, -(channel % 8));
        static Node With(Node node, Func<float, int, float> weight, Func<float, int, float> bias) => node with
        {
            Operation = node.Operation switch
            {
                Conv2D c => c with { Weights = [.. c.Weights.Select(weight)], Bias = [.. c.Bias.Select(bias)] },
                FullyConnected f => f with { Weights = [.. f.Weights.Select(weight)], Bias = [.. f.Bias.Select(bias)] },
                var other => other,
            },
        };
    }

    private static double FloatAccuracy(Graph graph)
    {
        var executor = new FloatExecutor(graph);
        int right = Enumerable.Range(0, Tested).Count(i =>
        {
            float[] scores = executor.Run(PictureTensor.ToFloat(Some.Picture, _test.Value.Pixels(i)));
            return Array.IndexOf(scores, scores.Max()) == _test.Value.Label(i);
        });
        return right / (double)Tested;
    }

    private static FrozenQuantization Freeze(Graph graph, QuantizerOptions options) => FrozenQuantization.Create(
        graph, Calibrator.Run(graph, [.. Enumerable.Range(0, 100).Select(i => PictureTensor.ToFloat(Some.Picture, _training.Value.Pixels(i)))]), options);

    private static double Accuracy(FrozenQuantization quantization, float[] weights)
    {
        using var network = new FakeQuantizedNetwork(quantization);
        network.Load(weights);
        return Evaluation.Run(network, _test.Value, Some.Picture).Accuracy;
    }

    private static TrainingState Train(FrozenQuantization quantization, TrainingSettings settings, TrainingState? resume, out TrainingState first,
        Resources? resources = null)
    {
        using var loop = new TrainingLoop((new FakeQuantizedNetwork(quantization), new FakeQuantizedNetwork(quantization)), 10,
            _training.Value, null, Some.Picture, settings, resources, resume);
        loop.RunEpoch();
        first = loop.State();
        while (!loop.Finished) loop.RunEpoch();
        return loop.State();
    }

    private static float[] Gradient(IPartedNetwork network)
    {
        var filler = new BatchFiller(_training.Value, Some.Picture);
        using Batch batch = filler.Create(64);
        filler.Fill(batch, [.. Enumerable.Range(0, 64)]);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.nn.functional.cross_entropy(network.Forward(batch.Pictures, Pass.Training), batch.Labels).backward();
        torch.Tensor sum = torch.zeros(network.Flat.numel());
        network.AddGradients(sum, first: true);
        return sum.data<float>().ToArray();
    }
}
