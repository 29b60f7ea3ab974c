using System.Text.Json;
using EdgeConv.Converters;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Trainer.Training;

namespace EdgeConv.Trainer.QuantizationAware;

/// <summary>A trained float network: a run folder, or an .onnx file with preprocessing that EdgeConv wrote.</summary>
/// <param name="Path">What the user named.</param>
public sealed record FineTuningSource(string Path)
{
    private sealed record SettingsFile(TrainingSettings Settings);

    /// <summary>The network's file.</summary>
    /// <exception cref="TrainingException">There is none.</exception>
    public string Model => Directory.Exists(Path)
        ? new RunFolder(Path).Model is var model && File.Exists(model)
            ? model
            : throw new TrainingException($"{Path} holds no model.onnx; --from expects a run folder that a training has finished, or an .onnx file.")
        : File.Exists(Path)
            ? Path
            : throw new TrainingException($"There is no {Path}; --from expects a run folder of `edgeconv train` or an .onnx file.");

    /// <summary>How the run was trained; null for a file.</summary>
    /// <exception cref="TrainingException">The run's settings.json is broken.</exception>
    public TrainingSettings? Settings()
    {
        string file = new RunFolder(Path).Settings;
        if (!File.Exists(file)) return null;
        try
        {
            return JsonSerializer.Deserialize<SettingsFile>(File.ReadAllBytes(file), RunFolder.Json)?.Settings;
        }
        catch (JsonException e)
        {
            throw new TrainingException($"{file} is damaged or from another version of EdgeConv: {e.Message} Name its model.onnx instead, with --data.", e);
        }
    }

    /// <summary>Reads the network.</summary>
    /// <param name="file">Its file.</param>
    /// <param name="classes">Of the pictures that it is trained on.</param>
    /// <returns>Fused, with preprocessing.</returns>
    /// <exception cref="TrainingException">It cannot be read, is quantized already, takes no pictures, or has other classes.</exception>
    public static Graph Read(string file, IReadOnlyList<string> classes)
    {
        Graph graph;
        try
        {
            graph = Fusion.Apply(OnnxReader.Read(file));
        }
        catch (Exception e) when (e is ConversionException or OnnxImportException)
        {
            throw new TrainingException(e.Message, e);
        }
        if (graph.IsQuantized)
            throw new TrainingException($"{file} is quantized already; quantization-aware training starts from the float network.");
        if (graph.Picture is null)
        {
            throw new TrainingException(
                $"{file} does not say how pictures become its input (the metadata edgeconv.picture); name a run folder or an .onnx that EdgeConv wrote.");
        }
        int outputs = graph.Nodes.First(n => n.Output.Name == graph.Output).Output.Length;
        return outputs == classes.Count
            ? graph
            : throw new TrainingException($"{file} has {outputs} outputs, the pictures {classes.Count} classes ({string.Join(", ", classes.Take(10))}). "
                + "Name the data set that it was trained on, with --data.");
    }
}
