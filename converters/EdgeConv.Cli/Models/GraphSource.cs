using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite;

namespace EdgeConv.Cli.Models;

/// <summary>What `convert` and `export` start from: a run folder, an ONNX or a TFLite file.</summary>
internal static class GraphSource
{
    private const string Model = "model.onnx", Quantized = "model.qdq.onnx";

    /// <summary>The quantized file of a run folder that quantization-aware training left; null for other sources.</summary>
    public static string? TrainedQuantized(string source) =>
        Path.Combine(source, Quantized) is var file && File.Exists(file) ? file : null;

    /// <summary>The ONNX file that a source means.</summary>
    /// <exception cref="FailureException">There is none.</exception>
    public static string OnnxPath(string source)
    {
        if (Directory.Exists(source))
        {
            string inFolder = Path.Combine(source, Model);
            return File.Exists(inFolder)
                ? inFolder
                : throw new FailureException($"'{source}' holds no {Model}. "
                    + "Name a run folder that `edgeconv train` has finished, an .onnx or an int8 .tflite file.");
        }

        if (!File.Exists(source))
        {
            throw new FailureException(Path.HasExtension(source)
                ? $"there is no file '{source}'. Name a run folder, an .onnx or an int8 .tflite file."
                : $"there is no run folder and no file '{source}'. `edgeconv train --out {source}` makes a run folder.");
        }

        return ModelFile.IsOnnx(source)
            ? source
            : throw new FailureException(ModelFile.IsTfLite(source)
                ? $"'{source}' is a TFLite file, which has no float form; an .onnx file was expected."
                : source.EndsWith(".ecm", StringComparison.OrdinalIgnoreCase)
                ? $"'{source}' is a model file already; expected the run folder or the file that it was converted from."
                : $"'{source}' is neither a run folder nor an .onnx or .tflite file, which are what is read here.");
    }

    /// <summary>Reads the graph of a source.</summary>
    /// <exception cref="OnnxImportException">The file is broken or uses operators that are not supported.</exception>
    public static Graph Read(string source, IProgress<(int Done, int Total)>? progress = null) => OnnxReader.Read(OnnxPath(source), progress);

    /// <summary>Reads whatever network a source holds; of a run folder the quantized file, where it has one.</summary>
    /// <exception cref="OnnxImportException">The file is broken or uses operators that are not supported.</exception>
    /// <exception cref="TfLiteImportException">The same.</exception>
    public static SourceNetwork Open(string source, IProgress<(int Done, int Total)>? progress = null)
    {
        if (ModelFile.IsTfLite(source) && File.Exists(source))
        {
            return new SourceNetwork(null, TfLiteReader.Read(source));
        }

        return new SourceNetwork(Read(TrainedQuantized(source) ?? source, progress), null);
    }
}

/// <summary>A network to convert: one of the two.</summary>
/// <param name="Graph">Float, or with the integers and scales of its file beside them.</param>
/// <param name="Quantized">Quantized, without a float form.</param>
internal sealed record SourceNetwork(Graph? Graph, QuantizedGraph? Quantized)
{
    /// <summary>Whether it arrived quantized.</summary>
    public bool IsQuantized => Quantized is not null || Graph!.IsQuantized;
}
