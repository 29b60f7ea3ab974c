using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;

namespace EdgeConv.Cli.Models;

/// <summary>What `convert` and `export` start from: a run folder or an ONNX file.</summary>
internal static class GraphSource
{
    /// <summary>The ONNX file that a source means.</summary>
    /// <exception cref="FailureException">There is none.</exception>
    public static string OnnxPath(string source)
    {
        if (Directory.Exists(source))
        {
            string inFolder = Path.Combine(source, "model.onnx");
            return File.Exists(inFolder)
                ? inFolder
                : throw new FailureException($"'{source}' holds no model.onnx. "
                    + "Name a run folder that `edgeconv train` has finished, or an .onnx file.");
        }

        if (!File.Exists(source))
        {
            throw new FailureException($"there is no run folder and no file '{source}'. "
                + $"`edgeconv train --out {source}` makes a run folder.");
        }

        return ModelFile.IsOnnx(source)
            ? source
            : throw new FailureException($"'{source}' is neither a run folder nor an .onnx file. Those two are what can be converted.");
    }

    /// <summary>Reads the graph of a source.</summary>
    /// <exception cref="OnnxImportException">The file is broken or uses operators that are not supported.</exception>
    public static Graph Read(string source, IProgress<(int Done, int Total)>? progress = null) => OnnxReader.Read(OnnxPath(source), progress);
}
