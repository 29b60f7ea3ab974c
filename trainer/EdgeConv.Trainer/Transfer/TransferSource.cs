using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using EdgeConv.Converters.Networks;
using EdgeConv.Converters.Onnx;
using EdgeConv.Trainer.Training;

namespace EdgeConv.Trainer.Transfer;

/// <summary>Finds and reads the network that a transfer begins with.</summary>
public static class TransferSource
{
    /// <summary>Networks that come with the trainer, by name; trainer/models says how they were made.</summary>
    public static IReadOnlyList<string> Bundled { get; } = ["cifar"];

    /// <summary>Reads a run folder, an ONNX file or a bundled network.</summary>
    /// <exception cref="TrainingException">There is none, or it has layers that cannot be trained; the message names the first.</exception>
    public static TrainedNetwork Open(string from)
    {
        string path = Locate(from);
        try
        {
            return NetworkImport.FromGraph(OnnxReader.Read(path));
        }
        catch (Exception e) when (e is OnnxImportException or NetworkException)
        {
            throw new TrainingException($"--transfer-from {from}: {e.Message}", e);
        }
    }

    /// <summary>SHA-256 of layers and weights.</summary>
    public static string Hash(TrainedNetwork source)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, source.Network, source.Weights, source.Statistics);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Adds layers and weights to a hash.</summary>
    internal static void Append(IncrementalHash hash, NetworkDescription network, ReadOnlySpan<float> weights, ReadOnlySpan<float> statistics)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(NetworkText.Write(network)));
        hash.AppendData(MemoryMarshal.AsBytes(weights));
        hash.AppendData(MemoryMarshal.AsBytes(statistics));
    }

    /// <summary>The file that is read.</summary>
    /// <exception cref="TrainingException">There is none.</exception>
    internal static string Locate(string from)
    {
        if (Directory.Exists(from))
        {
            string model = new RunFolder(from).Model;
            return File.Exists(model) ? model : throw new TrainingException(
                $"--transfer-from {from}: the folder has no model.onnx, which a training writes after its first epoch. "
                + "Name a run folder or an .onnx file.");
        }
        if (File.Exists(from)) return from;
        if (Bundled.Contains(from, StringComparer.OrdinalIgnoreCase))
            return Path.Combine(AppContext.BaseDirectory, "models", from.ToLowerInvariant() + ".onnx");
        throw new TrainingException(
            $"--transfer-from {from}: there is no such run folder or file. "
            + $"Name one, or a network that comes with the trainer: {string.Join(", ", Bundled)}.");
    }
}
