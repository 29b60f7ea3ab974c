using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters.TfLite;

/// <summary>What pictures the network takes: from the file's metadata, else guessed from what its input can hold.</summary>
internal static class TfLitePicture
{
    private const int LargestSide = short.MaxValue;   // of a picture layout
    private const double Tolerance = 0.05;   // of the range: calibration sees less than all of it

    /// <summary>The network with preprocessing, class names and notes.</summary>
    public static QuantizedGraph Complete(TfLiteModel model, QuantizedGraph graph)
    {
        var metadata = TfLiteMetadata.Read(model);
        int outputs = graph.Nodes[^1].Output.Length;
        bool named = metadata.Labels.Count == outputs;
        List<string> notes = [];
        if (metadata.Labels.Count > 0 && !named)
        {
            notes.Add($"The file names {metadata.Labels.Count} classes but has {outputs} outputs; the names are left out.");
        }

        QuantizedGraph labelled = named ? graph with { Labels = metadata.Labels } : graph;
        if (graph.Input.Shape is not [1, <= LargestSide and var height, <= LargestSide and var width, (1 or 3) and var channels])
        {
            return labelled with { Notes = notes };
        }

        (float[] mean, float[] deviation, string what) = metadata.Normalization(channels) ?? Guess(graph.Input, channels);
        var layout = new PictureLayout(width, height, channels == 1 ? ColorOrder.Gray : ColorOrder.Rgb);
        return labelled with { Picture = new PictureInput(layout, mean, deviation), Notes = notes, PictureNote = what };
    }

    private static (float[] Mean, float[] Deviation, string What) Guess(QuantizedValue input, int channels)
    {
        (double least, double most) = input.Limits;
        bool Spans(double from, double to) => Math.Abs(least - from) <= Tolerance * (to - from) && Math.Abs(most - to) <= Tolerance * (to - from);
        (float mean, float deviation, string what) =
            Spans(0, 1) ? (0f, 1f, "from 0 to 1")
            : Spans(-1, 1) ? (0.5f, 0.5f, "from -1 to 1")
            : Spans(0, byte.MaxValue) ? (0f, 1f / byte.MaxValue, "from 0 to 255")
            : Spans(-128, 127) ? (128f / byte.MaxValue, 1f / byte.MaxValue, "from -128 to 127")
            : ((float)(-least / (most - least)), (float)(1 / (most - least)), FormattableString.Invariant($"over all that the input can hold, {least:g4} to {most:g4}"));
        return ([.. Enumerable.Repeat(mean, channels)], [.. Enumerable.Repeat(deviation, channels)],
            FormattableString.Invariant($"Pixels are taken to go {what}: a guess from the input's scale {input.Quantization.Scale:g6} and ")
            + $"zero point {input.Quantization.ZeroPoint}, since the file does not say.");
    }
}
