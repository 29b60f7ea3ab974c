using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeConv.Converters;

namespace EdgeConv.Trainer.Training;

/// <summary>What a training leaves behind, for the converter and for people.</summary>
/// <param name="Path">The folder.</param>
public sealed record RunFolder(string Path)
{
    /// <summary>How JSON is written here.</summary>
    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        IndentSize = 2,
        NewLine = "\n",
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The best weights so far.</summary>
    public string Model => System.IO.Path.Combine(Path, "model.onnx");

    /// <summary>The same with integer weights and all scales, after quantization-aware training.</summary>
    public string Quantized => System.IO.Path.Combine(Path, "model.qdq.onnx");

    /// <summary>Settings, network and versions.</summary>
    public string Settings => System.IO.Path.Combine(Path, "settings.json");

    /// <summary>The network's layers, as text.</summary>
    public string Network => System.IO.Path.Combine(Path, "network.net");

    /// <summary><see cref="TrainingMetrics"/>.</summary>
    public string Metrics => System.IO.Path.Combine(Path, "metrics.json");

    /// <summary>Loss and accuracy over the epochs.</summary>
    public string Curve => System.IO.Path.Combine(Path, "curve.png");

    /// <summary>What a resume needs.</summary>
    public string Checkpoint => System.IO.Path.Combine(Path, "checkpoint", "state.bin");

    /// <summary>The float network that quantization-aware training began with.</summary>
    public string Start => System.IO.Path.Combine(Path, "checkpoint", "start.onnx");

    /// <summary>Makes the folder and makes sure that it can be written, before time is spent.</summary>
    /// <param name="keep">False removes an older run's files, so that no mixture can arise.</param>
    /// <exception cref="TrainingException">It cannot be made or written.</exception>
    public void Prepare(bool keep)
    {
        try
        {
            Directory.CreateDirectory(Path);
            string probe = System.IO.Path.Combine(Path, $"writable.{Environment.ProcessId}.tmp");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
            if (keep) return;
            foreach (string file in new[] { Model, Quantized, Network, Settings, Metrics, Curve }) File.Delete(file);
            string checkpoint = System.IO.Path.GetDirectoryName(Checkpoint)!;
            if (Directory.Exists(checkpoint)) Directory.Delete(checkpoint, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new TrainingException($"The run folder {Path} cannot be written: {e.Message} Give another one with --out.", e);
        }
    }

    /// <summary>The command that began the run which lies here; null where none is known.</summary>
    internal string? FirstCommand()
    {
        if (!File.Exists(Settings)) return null;
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Settings));
        return json.RootElement.TryGetProperty("command", out JsonElement command) ? command.GetString() : null;
    }

    /// <summary>Writes an object as JSON.</summary>
    internal static void WriteJson<T>(string path, T value) => AtomicFile.Write(path, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(value, Json) + "\n"));
}
