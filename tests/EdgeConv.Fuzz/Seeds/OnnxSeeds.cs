using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Quantization;
using EdgeConv.Tests.Converters;
using Google.Protobuf;

namespace EdgeConv.Fuzz.Seeds;

/// <summary>ONNX files: as other exporters write them, and what our own writers make, float and QDQ.</summary>
internal static class OnnxSeeds
{
    public static IEnumerable<byte[]> All()
    {
        foreach (OnnxNetwork network in SeedNetworks.All())
        {
            yield return network.ToBytes();
        }

        foreach (Graph graph in (Graph[])[TestNetworks.Tiny(1), TestNetworks.LeNet5(1)])
        {
            yield return OnnxWriter.Build(graph).ToByteArray();
            yield return QdqWriter.Build(EcmSeeds.Quantize(graph, new QuantizerOptions())).ToByteArray();
        }
    }
}
