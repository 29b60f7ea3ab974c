using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Tests.Converters;

namespace EdgeConv.Tests.Quantization;

public class EqualizationTests
{
    [Fact]
    public void FloatAnswersStay()
    {
        for (int seed = 0; seed < 5; seed++)
        {
            Graph graph = Networks.Unbalanced(seed), equalized = CrossLayerEqualization.Apply(graph);
            foreach (float[] sample in Networks.Samples(graph, 5))
            {
                Tensors.AssertClose(new FloatExecutor(graph).Run(sample), new FloatExecutor(equalized).Run(sample), 1e-5, $"seed {seed}");
            }
        }
    }

    [Fact]
    public void ALeNetKeepsItsAnswersThroughPoolingAndFlatten()
    {
        Graph graph = Fusion.Apply(TestNetworks.LeNet5(3)), equalized = CrossLayerEqualization.Apply(graph);
        Assert.NotEqual(((FullyConnected)graph.Nodes[5].Operation).Weights, ((FullyConnected)equalized.Nodes[5].Operation).Weights);
        float[] sample = Networks.Samples(graph, 1)[0];
        Tensors.AssertClose(new FloatExecutor(graph).Run(sample), new FloatExecutor(equalized).Run(sample), 1e-5, "lenet");
    }

    [Fact]
    public void LayersBehindATanhOrAClampAtSixAreLeftAlone()
    {
        Graph graph = new NetworkBuilder("net", 1, [1, 6]).Dense(5).Activate(Activation.Tanh).Dense(4)
            .Activate(Activation.Relu6).Dense(3).Build();
        graph = Fusion.Apply(graph);
        Graph equalized = CrossLayerEqualization.Apply(graph);
        Assert.All(graph.Nodes.Zip(equalized.Nodes), pair => Assert.Same(pair.First.Operation, pair.Second.Operation));
    }

    [Fact]
    public void UnbalancedChannelsGainDecibels()
    {
        for (int seed = 0; seed < 4; seed++)
        {
            Graph graph = Networks.Unbalanced(seed), equalized = CrossLayerEqualization.Apply(graph);
            float[][] samples = Networks.Samples(graph, 40);
            double before = Networks.Sqnr(graph, Quantizer.Quantize(graph, Calibrator.Run(graph, samples)), samples);
            double after = Networks.Sqnr(graph, Quantizer.Quantize(equalized, Calibrator.Run(equalized, samples)), samples);
            Assert.True(after > before + 5, $"seed {seed}: {before:F1} dB before, {after:F1} dB after");
        }
    }
}
