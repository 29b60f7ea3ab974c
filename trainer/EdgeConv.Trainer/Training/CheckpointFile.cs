using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeConv.Converters;

namespace EdgeConv.Trainer.Training;

/// <summary>
/// A training state in one file, so that one rename replaces it: "ECTR", version, length and JSON of settings and metrics, six arrays of
/// floats with their lengths, SHA-256 of all before it. Little-endian. Written and read in pieces: a large network's state has gigabytes.
/// </summary>
internal static class CheckpointFile
{
    private const uint Magic = 0x52544345, Version = 3;
    private const int HashBytes = 32, Arrays = 6, MaxHeader = 1 << 28, Piece = 1 << 20;

    private sealed record Header(TrainingSettings Settings, IReadOnlyList<EpochMetrics> Epochs, int BestEpoch);

    /// <summary>Writes atomically.</summary>
    public static void Save(string path, TrainingSettings settings, TrainingState state)
    {
        byte[] header = JsonSerializer.SerializeToUtf8Bytes(new Header(settings, state.Epochs, state.BestEpoch), RunFolder.Json);
        float[][] arrays =
            [state.Weights, state.FirstMoment, state.SecondMoment, state.Average, state.Best, state.BestStatistics];
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.Write(path, stream =>
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Span<uint> start = [Magic, Version, (uint)header.Length];
            Write(MemoryMarshal.AsBytes(start));
            Write(header);
            foreach (float[] values in arrays)
            {
                Write(BitConverter.GetBytes(values.Length));
                for (int i = 0; i < values.Length; i += Piece) Write(MemoryMarshal.AsBytes(values.AsSpan(i, Math.Min(Piece, values.Length - i))));
            }
            stream.Write(hash.GetHashAndReset());

            void Write(ReadOnlySpan<byte> bytes)
            {
                hash.AppendData(bytes);
                stream.Write(bytes);
            }
        });
    }

    /// <exception cref="TrainingException">There is no checkpoint, or it is damaged.</exception>
    public static (TrainingSettings Settings, TrainingState State) Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new TrainingException(
                $"There is nothing to resume: {path} does not exist. It is written after the first epoch; start without --resume.");
        }
        try
        {
            using FileStream stream = File.OpenRead(path);
            CheckHash(stream);
            return Read(stream);
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException or JsonException)
        {
            throw new TrainingException(
                $"{path} is damaged or from another version of EdgeConv. Start the training anew, without --resume.", e);
        }
    }

    private static void CheckHash(FileStream stream)
    {
        if (stream.Length < HashBytes) throw new InvalidDataException();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = new byte[Piece];
        for (long left = stream.Length - HashBytes; left > 0;)
        {
            Span<byte> next = piece.AsSpan(0, (int)Math.Min(left, piece.Length));
            stream.ReadExactly(next);
            hash.AppendData(next);
            left -= next.Length;
        }
        var expected = new byte[HashBytes];
        stream.ReadExactly(expected);
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(expected)) throw new InvalidDataException();
        stream.Position = 0;
    }

    private static (TrainingSettings Settings, TrainingState State) Read(FileStream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        if (reader.ReadUInt32() != Magic || reader.ReadUInt32() != Version) throw new InvalidDataException();
        int length = reader.ReadInt32();
        if (length is < 0 or > MaxHeader) throw new InvalidDataException();
        Header header = JsonSerializer.Deserialize<Header>(reader.ReadBytes(length), RunFolder.Json) ?? throw new InvalidDataException();
        var arrays = new float[Arrays][];
        for (int i = 0; i < Arrays; i++)
        {
            int count = reader.ReadInt32();
            if (count < 0 || (long)count * sizeof(float) > stream.Length - stream.Position) throw new InvalidDataException();
            arrays[i] = new float[count];
            for (int at = 0; at < count; at += Piece)
                stream.ReadExactly(MemoryMarshal.AsBytes(arrays[i].AsSpan(at, Math.Min(Piece, count - at))));
        }
        return (header.Settings, new TrainingState
        {
            Epochs = header.Epochs,
            BestEpoch = header.BestEpoch,
            Weights = arrays[0],
            FirstMoment = arrays[1],
            SecondMoment = arrays[2],
            Average = arrays[3],
            Best = arrays[4],
            BestStatistics = arrays[5],
        });
    }
}
