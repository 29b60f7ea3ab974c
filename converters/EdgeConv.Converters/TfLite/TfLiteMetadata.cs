using System.Buffers.Binary;
using System.IO.Compression;
using EdgeConv.Converters.TfLite.Schema;

namespace EdgeConv.Converters.TfLite;

/// <summary>What the TFLite Metadata tools add to a file: how pixels are normalized, and class names in a zip behind the network.</summary>
/// <param name="Labels">Class names, or none.</param>
/// <param name="Means">Subtracted from pixels of 0 to 255, one or one a channel; none where the file does not say.</param>
/// <param name="Deviations">What they are then divided by.</param>
internal sealed record TfLiteMetadata(IReadOnlyList<string> Labels, float[] Means, float[] Deviations)
{
    private const int LargestText = 1 << 20, MostFiles = 64, MostClasses = 1 << 16;
    private const int EndRecordBytes = 22, DirectorySizeAt = 12, DirectoryOffsetAt = 16;   // of a zip without a comment

    // Field numbers of the metadata's own schema (mark M001).
    private const int SubgraphsField = 3, InputsField = 2, UnitsField = 4, OptionsKindField = 0, OptionsField = 1;
    private const int NormalizationKind = 1, MeanField = 0, DeviationField = 1;

    private static ReadOnlySpan<byte> ZipEnd => "PK\x05\x06"u8;

    /// <summary>Reads it; what is damaged counts as not there, since the network does without.</summary>
    public static TfLiteMetadata Read(TfLiteModel model)
    {
        (float[] means, float[] deviations) = ([], []);
        try
        {
            (means, deviations) = NormalizationOf(model);
        }
        catch (TfLiteImportException)
        {
        }

        return new TfLiteMetadata(LabelsOf(model.File.Bytes), means, deviations);
    }

    /// <summary>Mean and deviation of pixels from 0 to 1, a value a channel; null where the file does not say.</summary>
    public (float[] Mean, float[] Deviation, string What)? Normalization(int channels)
    {
        static float[] Each(float[] values, int channels) => values.Length == channels ? values : [.. Enumerable.Repeat(values[0], channels)];
        bool known = Means.Length == Deviations.Length && (Means.Length == 1 || Means.Length == channels)
            && Means.All(float.IsFinite) && Deviations.All(d => float.IsFinite(d) && d > 0);
        return known
            ? ([.. Each(Means, channels).Select(m => m / byte.MaxValue)], [.. Each(Deviations, channels).Select(d => d / byte.MaxValue)],
                FormattableString.Invariant(
                    $"Pixels are normalized as the file's metadata says: mean {Means[0]:g4}, deviation {Deviations[0]:g4} on 0 to 255."))
            : null;
    }

    private static (float[] Means, float[] Deviations) NormalizationOf(TfLiteModel model)
    {
        if (!model.Metadata.TryGetValue("TFLITE_METADATA", out ReadOnlyMemory<byte> bytes) || bytes.Length < 8
            || !bytes.Span.Slice(4, 4).SequenceEqual("M001"u8))
        {
            return ([], []);
        }

        model.File.Charge(bytes.Length);
        FlatTable root = new FlatFile(bytes.ToArray(), model.File.Name).Root();
        if (root.Count(SubgraphsField) == 0 || root.Element(SubgraphsField, 0) is var graph && graph.Count(InputsField) != 1)
        {
            return ([], []);
        }

        FlatTable input = root.Element(SubgraphsField, 0).Element(InputsField, 0);
        foreach (FlatTable unit in input.Elements(UnitsField, MostFiles, "process units"))
        {
            if (unit.Byte(OptionsKindField) == NormalizationKind && unit.Table(OptionsField) is { } options)
            {
                return (options.Floats(MeanField), options.Floats(DeviationField));
            }
        }

        return ([], []);
    }

    private static IReadOnlyList<string> LabelsOf(byte[] file)
    {
        if (file.Length < EndRecordBytes || !file.AsSpan(file.Length - EndRecordBytes, ZipEnd.Length).SequenceEqual(ZipEnd))
        {
            return [];
        }

        // The zip's offsets count from the start of the file (TFLite's tools) or of the zip; its last record tells which.
        int end = file.Length - EndRecordBytes;
        long start = end - (long)Word(end + DirectorySizeAt) - Word(end + DirectoryOffsetAt);
        if (start < 0)
        {
            return [];
        }

        try
        {
            var bytes = new MemoryStream(file, (int)start, file.Length - (int)start, writable: false);
            using var zip = new ZipArchive(bytes, ZipArchiveMode.Read);
            ZipArchiveEntry? entry = zip.Entries.Count > MostFiles ? null
                : zip.Entries.FirstOrDefault(e => e.Name.Contains("label", StringComparison.OrdinalIgnoreCase)
                    && e.Name.EndsWith(".txt", StringComparison.OrdinalIgnoreCase));
            return entry is null || entry.Length > LargestText ? [] : Lines(entry);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException)
        {
            return [];
        }

        uint Word(int at) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at));
    }

    private static List<string> Lines(ZipArchiveEntry entry)
    {
        // The length that the zip names is a claim, checked to be small; no more than that is read.
        var text = new char[entry.Length];
        using var reader = new StreamReader(entry.Open());
        int length = reader.ReadBlock(text, 0, text.Length);
        List<string> lines = [.. new string(text, 0, length).Split('\n').Take(MostClasses)
            .Select(l => UniqueNames.Printable(l.Trim('\r', ' ')))];
        if (lines.Count > 0 && lines[^1].Length == 0)
        {
            lines.RemoveAt(lines.Count - 1);
        }

        return lines;
    }
}
