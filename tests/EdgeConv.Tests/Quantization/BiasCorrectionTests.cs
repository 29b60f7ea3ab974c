using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;

namespace EdgeConv.Tests.Quantization;

public class BiasCorrectionTests
{
    // int4 weights move means far enough to be seen.
    private static readonly QuantizerOptions _coarse = new()
    {
        Int4 = [.. Networks.Separable(0).Nodes.Where(n => n.Operation is Conv2D or FullyConnected).Select(n => n.Name)],
    };

    [Fact]
    public void CoarseWeightsGainDecibels()
    {
        for (int seed = 0; seed < 3; seed++)
        {
            Graph graph = Networks.Separable(seed);
            float[][] samples = Networks.Samples(graph, 60), unseen = Networks.Samples(graph, 40, seed: 1);
            Ranges ranges = Calibrator.Run(graph, samples);
            Graph corrected = BiasCorrection.Apply(graph, ranges, _coarse, samples);
            double before = Networks.Sqnr(graph, Quantizer.Quantize(graph, ranges, _coarse), unseen);
            double after = Networks.Sqnr(graph, Quantizer.Quantize(corrected, ranges, _coarse), unseen);
            Assert.True(after > before + 0.5, $"seed {seed}: {before:F2} dB before, {after:F2} dB after");
        }
    }

    [Fact]
    public void TheSameSamplesGiveTheSameBiases()
    {
        Graph graph = Networks.Separable(4);
        float[][] samples = Networks.Samples(graph, 20);
        Ranges ranges = Calibrator.Run(graph, samples);
        float[] Biases() => [.. BiasCorrection.Apply(graph, ranges, _coarse, samples).Nodes
            .SelectMany(n => n.Operation is FullyConnected f ? f.Bias : [])];
        Assert.Equal(Biases(), Biases());
    }
}
