using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeConv.Converters;

namespace EdgeConv.Trainer.Training;

/// <summary>
/// A training state in one file, so that one rename replaces it: "ECTR", version, length and JSON of settings and metrics, number of
/// parameters, five arrays of floats, SHA-256 of all before it. Little-endian.
/// </summary>
internal static class CheckpointFile
{
    private const uint Magic = 0x52544345, Version = 1;
    private const int HashBytes = 32, Arrays = 5;

    private sealed record Header(TrainingSettings Settings, IReadOnlyList<EpochMetrics> Epochs, int BestEpoch);

    /// <summary>Writes atomically.</summary>
    public static void Save(string path, TrainingSettings settings, TrainingState state)
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        byte[] header = JsonSerializer.SerializeToUtf8Bytes(new Header(settings, state.Epochs, state.BestEpoch), RunFolder.Json);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(header.Length);
        writer.Write(header);
        writer.Write(state.Weights.Length);
        foreach (float[] values in new[] { state.Weights, state.FirstMoment, state.SecondMoment, state.Average, state.Best })
            writer.Write(MemoryMarshal.AsBytes<float>(values));
        writer.Write(SHA256.HashData(memory.GetBuffer().AsSpan(0, (int)memory.Length)));
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.Write(path, memory.WriteTo);
    }

    /// <exception cref="TrainingException">There is no checkpoint, or it is damaged.</exception>
    public static (TrainingSettings Settings, TrainingState State) Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new TrainingException(
                $"There is nothing to resume: {path} does not exist. It is written after the first epoch; start without --resume.");
        }
        byte[] bytes = File.ReadAllBytes(path);
        if (bytes.Length < 16 + HashBytes || BitConverter.ToUInt32(bytes) != Magic || BitConverter.ToUInt32(bytes, 4) != Version
            || !SHA256.HashData(bytes.AsSpan(..^HashBytes)).AsSpan().SequenceEqual(bytes.AsSpan(^HashBytes..)))
        {
            throw new TrainingException(
                $"{path} is damaged or from another version of EdgeConv. Start the training anew, without --resume.");
        }

        int headerLength = BitConverter.ToInt32(bytes, 8), count = BitConverter.ToInt32(bytes, 12 + headerLength);
        Header header = JsonSerializer.Deserialize<Header>(Encoding.UTF8.GetString(bytes, 12, headerLength), RunFolder.Json)!;
        float[][] arrays = [.. Enumerable.Range(0, Arrays).Select(i =>
            MemoryMarshal.Cast<byte, float>(bytes.AsSpan(16 + headerLength + i * count * sizeof(float), count * sizeof(float))).ToArray())];
        return (header.Settings, new TrainingState
        {
            Epochs = header.Epochs,
            BestEpoch = header.BestEpoch,
            Weights = arrays[0],
            FirstMoment = arrays[1],
            SecondMoment = arrays[2],
            Average = arrays[3],
            Best = arrays[4],
        });
    }
}
