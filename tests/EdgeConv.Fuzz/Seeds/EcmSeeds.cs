using EdgeConv.Converters;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime.Format;
using EdgeConv.Tests.Converters;

namespace EdgeConv.Fuzz.Seeds;

/// <summary>Model files: the golden one of each version, LeNet-5, and small networks with every operator and precision.</summary>
internal static class EcmSeeds
{
    public static IEnumerable<byte[]> All()
    {
        foreach (string golden in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Golden"), "*.ecm"))
        {
            yield return File.ReadAllBytes(golden);
        }

        Graph tiny = TestNetworks.Tiny(1);
        yield return Lower(TestNetworks.LeNet5(1, softmax: true), new QuantizerOptions());
        yield return Lower(tiny, new QuantizerOptions { Wide = Layers(tiny) });
        yield return Lower(tiny, new QuantizerOptions { Int4 = Layers(tiny) });
        foreach (OnnxNetwork network in SeedNetworks.All())
        {
            if (TryLower(network) is { } file)
            {
                yield return file;
            }
        }
    }

    /// <summary>The network in integers, calibrated on noise.</summary>
    public static QuantizedGraph Quantize(Graph graph, QuantizerOptions options)
    {
        Graph fused = Fusion.Apply(graph);
        float[][] samples = [.. Enumerable.Range(0, 3).Select(i => Tensors.Random(new Random(i), graph.Input.Length))];
        return Quantizer.Quantize(fused, Calibrator.Run(fused, samples), options);
    }

    private static byte[] Lower(Graph graph, QuantizerOptions options)
    {
        QuantizedGraph quantized = Quantize(graph, options);
        return Lowering.Lower(quantized, new LoweringOptions
        {
            GoldenInputs = [new sbyte[graph.Input.Length]],
            Metadata = [new("source", "seed"), new("é", "")],
        });
    }

    // A few drawn networks have windows that do not fit, or values that are not finite.
    private static byte[]? TryLower(OnnxNetwork network)
    {
        try
        {
            return Lower(network.Import(), new QuantizerOptions());
        }
        catch (Exception e) when (e is OnnxImportException or ConversionException or ModelFormatException)
        {
            return null;
        }
    }

    private static string[] Layers(Graph graph) =>
        [.. Fusion.Apply(graph).Nodes.Where(n => n.Operation is Conv2D or FullyConnected).Select(n => n.Name)];
}
