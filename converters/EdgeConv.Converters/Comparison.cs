using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;

namespace EdgeConv.Converters;

/// <summary>Runs the float graph and the model file side by side on the same pictures.</summary>
internal sealed class Comparison(Graph fused, Ranges ranges, QuantizedGraph quantized, byte[] file)
{
    private readonly PictureInput _picture = fused.Picture!;
    private readonly InputQuantizer _quantize = new(Lowering.Preprocessing(fused.Picture!, quantized.Input.Quantization));

    /// <summary>Compares every layer's output.</summary>
    public IReadOnlyList<LayerReport> Layers(PictureSamples pictures, int[] indices, IProgress<int>? progress, CancellationToken cancel)
    {
        using Model model = Model.Load(file);
        Dictionary<string, ValueRange> limits = RangePropagation.Limits(fused, ranges);
        LayerStatistics[] Create() => [.. fused.Nodes.Select(n => new LayerStatistics(limits[n.Output.Name]))];
        LayerStatistics[] all = Create();
        Parallelism.For(indices.Length,
            () => (Float: new FloatExecutor(fused), Int8: new Interpreter(model), Layers: Create()),
            (i, state) =>
            {
                byte[] bytes = pictures.Bytes(indices[i]);
                int layer = 0;
                state.Int8.SetInput(_quantize.Run(bytes));
                state.Float.Run(PictureTensor.ToFloat(_picture, bytes), (_, real) =>
                {
                    // Lowering makes one operator of each node.
                    state.Int8.RunOperator(layer);
                    ReadOnlySpan<sbyte> integers = state.Int8.Activation(model.Operators[layer].Output);
                    state.Layers[layer].Add(real, integers, quantized.Nodes[layer].Output.Quantization);
                    layer++;
                });
            },
            state =>
            {
                state.Int8.Dispose();
                foreach ((LayerStatistics sum, LayerStatistics part) in all.Zip(state.Layers))
                {
                    sum.Merge(part);
                }
            }, progress, cancel);
        return [.. fused.Nodes.Select((node, i) => all[i].Report(node, quantized.Nodes[i].Output.Quantization))];
    }

    /// <summary>Counts right answers over a whole data set.</summary>
    public QuantizationReport WithAccuracy(
        QuantizationReport report, PictureSamples pictures, IProgress<int>? progress, CancellationToken cancel)
    {
        using Model model = Model.Load(file);
        int floatRight = 0, int8Right = 0, agree = 0;
        Parallelism.For(pictures.Count,
            () => (Float: new FloatExecutor(fused), Int8: new Interpreter(model), Output: new sbyte[model.Output.Length]),
            (i, state) =>
            {
                byte[] bytes = pictures.Bytes(i);
                state.Int8.Invoke(_quantize.Run(bytes), state.Output);
                int real = IndexOfMax<float>(state.Float.Run(PictureTensor.ToFloat(_picture, bytes)));
                int integer = IndexOfMax<sbyte>(state.Output);
                int label = pictures.Label(i);
                Interlocked.Add(ref floatRight, real == label ? 1 : 0);
                Interlocked.Add(ref int8Right, integer == label ? 1 : 0);
                Interlocked.Add(ref agree, real == integer ? 1 : 0);
            },
            state => state.Int8.Dispose(), progress, cancel);
        double count = pictures.Count;
        return report with
        {
            TestImages = pictures.Count,
            FloatAccuracy = floatRight / count,
            Int8Accuracy = int8Right / count,
            Agreement = agree / count,
        };
    }

    // The first of several that are as large.
    private static int IndexOfMax<T>(ReadOnlySpan<T> values)
        where T : IComparable<T>
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            best = values[i].CompareTo(values[best]) > 0 ? i : best;
        }

        return best;
    }
}
