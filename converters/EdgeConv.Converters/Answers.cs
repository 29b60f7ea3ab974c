using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;

namespace EdgeConv.Converters;

/// <summary>The classes that int8 files, and the float network where there is one, give to labelled pictures.</summary>
internal sealed class Answers
{
    private readonly PictureSamples _pictures;
    private readonly int[] _labels;
    private readonly int[]? _real;
    private readonly int _classes;

    private Answers(PictureSamples pictures, int[] labels, int[]? real, int classes) =>
        (_pictures, _labels, _real, _classes) = (pictures, labels, real, classes);

    /// <summary>Number of pictures.</summary>
    public int Count => _pictures.Count;

    /// <summary>Share of pictures that the float network gets right.</summary>
    public double? FloatAccuracy => _real is null ? null : Right(_real);

    /// <summary>Runs the float network.</summary>
    public static Answers Of(Graph fused, PictureSamples pictures, IProgress<int>? progress, CancellationToken cancel)
    {
        var real = new int[pictures.Count];
        Parallelism.For(pictures.Count, () => new FloatExecutor(fused),
            (i, executor) => real[i] = IndexOfMax<float>(executor.Run(PictureTensor.ToFloat(fused.Picture!, pictures.Pixels(i)))),
            _ => { }, progress, cancel);
        int classes = fused.Values()[fused.Output].Length;
        return new Answers(pictures, [.. Enumerable.Range(0, pictures.Count).Select(pictures.Label)], real, classes);
    }

    /// <summary>Without a float network.</summary>
    public static Answers Of(QuantizedGraph quantized, PictureSamples pictures)
    {
        int classes = quantized.Nodes.First(n => n.Output.Name == quantized.Output).Output.Length;
        return new Answers(pictures, [.. Enumerable.Range(0, pictures.Count).Select(pictures.Label)], null, classes);
    }

    /// <summary>Runs a model file on the same pictures.</summary>
    public int[] Run(QuantizedGraph quantized, byte[] file, IProgress<int>? progress, CancellationToken cancel)
    {
        using Model model = Model.Load(file);
        var quantize = new InputQuantizer(Lowering.Preprocessing(quantized.Picture!, quantized.Input));
        var found = new int[_pictures.Count];
        Parallelism.For(_pictures.Count, () => (Int8: new Interpreter(model), Output: new sbyte[model.Output.ByteLength]),
            (i, state) =>
            {
                state.Int8.Invoke(quantize.Run(_pictures.Pixels(i)), state.Output);
                found[i] = model.Output.IndexOfLargest(state.Output);
            },
            state => state.Int8.Dispose(), progress, cancel);
        return found;
    }

    /// <summary>Share of right answers.</summary>
    public double Right(int[] found) => found.Zip(_labels).Count(p => p.First == p.Second) / (double)_labels.Length;

    /// <summary>Adds accuracies, agreement and confusion to a report.</summary>
    public QuantizationReport Describe(QuantizationReport report, int[] found) => report with
    {
        TestImages = _labels.Length,
        FloatAccuracy = FloatAccuracy,
        Int8Accuracy = Right(found),
        Agreement = _real is null ? null : found.Zip(_real).Count(p => p.First == p.Second) / (double)_labels.Length,
        FloatConfusion = _real is null ? null : Confusion(_real),
        Int8Confusion = Confusion(found),
    };

    /// <summary>The first of several that are as large.</summary>
    public static int IndexOfMax<T>(ReadOnlySpan<T> values)
        where T : IComparable<T>
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            best = values[i].CompareTo(values[best]) > 0 ? i : best;
        }

        return best;
    }

    private int[][] Confusion(int[] found)
    {
        int[][] counts = [.. Enumerable.Range(0, _classes).Select(_ => new int[_classes])];
        for (int i = 0; i < found.Length; i++)
        {
            counts[_labels[i]][found[i]]++;
        }

        return counts;
    }
}
