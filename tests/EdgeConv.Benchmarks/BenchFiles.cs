using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using EdgeConv.BenchNetworks;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Quantization;

namespace EdgeConv.Benchmarks;

/// <summary>A network's files for each engine, written once a process into a temporary folder that goes with it.</summary>
/// <param name="Ecm">EdgeConv.</param>
/// <param name="Int8">ONNX Runtime, quantized, in the form that is fastest here.</param>
/// <param name="Float">ONNX Runtime, before quantization.</param>
/// <param name="MultiplyAccumulates">Of one inference.</param>
internal sealed record BenchFiles(string Ecm, string Int8, string Float, long MultiplyAccumulates)
{
    /// <summary>ONNX Runtime on the quantized network.</summary>
    public const string OnnxInt8 = "OnnxRuntime-int8";

    /// <summary>ONNX Runtime on the float network.</summary>
    public const string OnnxFloat = "OnnxRuntime-float";

    private static readonly ConcurrentDictionary<string, Lazy<BenchFiles>> _known = new();
    private static readonly Lazy<string> _folder = new(() =>
    {
        string folder = Directory.CreateTempSubdirectory("edgeconv-bench-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    });

    /// <summary>Of a network by name.</summary>
    public static BenchFiles Of(string network) => _known.GetOrAdd(network, name => new Lazy<BenchFiles>(() => Write(name, _folder.Value))).Value;

    /// <summary>Writes a network's files into a folder that is there.</summary>
    /// <exception cref="ArgumentException">The bench has no such network.</exception>
    public static BenchFiles Write(string name, string folder)
    {
        Graph graph = BenchNetwork.Parse(name).Build();
        QuantizedGraph quantized = BenchNetwork.Quantize(graph);
        string path = Path.Combine(folder, name);
        var files = new BenchFiles(path + ".ecm", path + ".int8.onnx", path + ".onnx", BenchNetwork.MultiplyAccumulates(graph));
        File.WriteAllBytes(files.Ecm, Lowering.Lower(quantized, new LoweringOptions()));
        bool isArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        QdqWriter.Write(quantized, files.Int8, isArm ? BenchNetwork.Signed : BenchNetwork.Unsigned);
        OnnxWriter.Write(graph, files.Float);
        return files;
    }
}
