using EdgeConv.BenchNetworks;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;

namespace EdgeConv.Arm64Bench;

/// <summary>The files of a network for every engine.</summary>
/// <param name="Network">What it is.</param>
/// <param name="MultiplyAccumulates">Of one inference.</param>
/// <param name="Ecm">For EdgeConv.</param>
/// <param name="Signed">For ONNX Runtime: QDQ with int8 activations.</param>
/// <param name="Unsigned">For ONNX Runtime: QDQ with uint8 activations.</param>
/// <param name="ArenaBytes">Activations with input and output, in EdgeConv.</param>
internal sealed record NetworkFiles(
    BenchNetwork Network, long MultiplyAccumulates, string Ecm, string Signed, string Unsigned, int ArenaBytes)
{
    /// <summary>Writes them; the same weights, scales and zero points in each.</summary>
    public static NetworkFiles Write(BenchNetwork network, string folder)
    {
        Directory.CreateDirectory(folder);
        Graph graph = network.Build();
        QuantizedGraph quantized = BenchNetwork.Quantize(graph);
        string path = Path.Combine(folder, network.Name);
        byte[] file = Lowering.Lower(quantized, new LoweringOptions());
        File.WriteAllBytes(path + ".ecm", file);
        QdqWriter.Write(quantized, path + ".s8.onnx", BenchNetwork.Signed);
        QdqWriter.Write(quantized, path + ".u8.onnx", BenchNetwork.Unsigned);
        using Model model = Model.Load(file);
        return new NetworkFiles(
            network, BenchNetwork.MultiplyAccumulates(graph), path + ".ecm", path + ".s8.onnx", path + ".u8.onnx", model.ArenaBytes);
    }
}

/// <summary>A program that runs a network a number of times.</summary>
/// <param name="Name">As results show it.</param>
/// <param name="Command">The words of its command for the network's files and a number of inferences.</param>
internal sealed record Engine(string Name, Func<NetworkFiles, int, IReadOnlyList<string>> Command)
{
    /// <summary>The name of ours in the results.</summary>
    public const string Ours = "EdgeConv";

    /// <summary>What the names of ONNX Runtime's two rows begin with.</summary>
    public const string OnnxRuntime = "ONNX Runtime";

    /// <summary>This runtime.</summary>
    /// <param name="folder">Where the native program is.</param>
    /// <param name="path">Null for the processor's best.</param>
    public static Engine EdgeConv(string folder, string? path) => new(
        path is null ? Ours : $"{Ours} {path}",
        (files, runs) => [Path.Combine(folder, "edgeconv", "bench-edgeconv"), files.Ecm, $"{runs}", .. path is null ? [] : (string[])[path]]);

    /// <summary>ONNX Runtime, from its own ARM64 build, on int8 and on uint8 activations: which is faster depends on the layer.</summary>
    public static Engine[] Onnx(string folder)
    {
        string program = Path.Combine(folder, "onnxruntime", "bench-onnxruntime");
        return
        [
            new Engine(OnnxRuntime + " s8", (files, runs) => [program, files.Signed, "s8", $"{runs}"]),
            new Engine(OnnxRuntime + " u8", (files, runs) => [program, files.Unsigned, "u8", $"{runs}"]),
        ];
    }

    /// <summary>A program of the user's, for example of ncnn: NAME=COMMAND, where {network}, {onnx} and {runs} are filled in.</summary>
    /// <exception cref="ArgumentException">No name, or no {runs}.</exception>
    public static Engine Other(string text)
    {
        string[] parts = text.Split('=', 2);
        if (parts.Length != 2 || parts[0].Length == 0 || !parts[1].Contains("{runs}", StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{text}' names no engine; expected NAME=COMMAND with {{runs}} in the command, "
                + "and {network} (a name of the bench) or {onnx} (a file) for what to run.");
        }

        string[] words = parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new Engine(parts[0], (files, runs) =>
        [
            .. words.Select(w => w.Replace("{runs}", $"{runs}", StringComparison.Ordinal)
                .Replace("{network}", files.Network.Name, StringComparison.Ordinal).Replace("{onnx}", files.Signed, StringComparison.Ordinal)),
        ]);
    }
}
