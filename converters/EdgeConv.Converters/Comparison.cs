using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;

namespace EdgeConv.Converters;

/// <summary>Runs the float graph and the model file side by side on the same pictures.</summary>
internal sealed class Comparison(Graph fused, Ranges ranges, QuantizedGraph quantized, byte[] file)
{
    private readonly PictureInput _picture = fused.Picture!;
    private readonly InputQuantizer _quantize = new(Lowering.Preprocessing(fused.Picture!, quantized.Input));

    /// <summary>Compares every layer's output.</summary>
    public IReadOnlyList<LayerReport> Layers(PictureSamples pictures, int[] indices, IProgress<int>? progress, CancellationToken cancel)
    {
        using Model whole = Model.Load(file), model = whole.LayerByLayer();
        Dictionary<string, ValueRange> limits = RangePropagation.Limits(fused, ranges);
        int[] steps = [.. fused.Nodes.Select(n => quantized.Nodes.Index().First(q => q.Item.Output.Name == n.Output.Name).Index)];
        QuantizedNode[] nodes = [.. steps.Select(step => quantized.Nodes[step])];
        LayerStatistics[] Create() =>
            [.. nodes.Select(n => new LayerStatistics(limits[n.Output.Name], ranges[n.Output.Name], n.Output))];
        // Sums are added in the order of the pictures, so that threads do not change the result.
        var parts = new LayerStatistics[indices.Length][];
        Parallelism.For(indices.Length,
            () => (Float: new FloatExecutor(fused), Int8: new Interpreter(model)),
            (i, state) =>
            {
                ReadOnlySpan<byte> bytes = pictures.Pixels(indices[i]);
                LayerStatistics[] part = parts[i] = Create();
                (int layer, int step) = (0, 0);
                state.Int8.SetInput(_quantize.Run(bytes));
                state.Float.Run(PictureTensor.ToFloat(_picture, bytes), (_, real) =>
                {
                    // One operator is of each quantized node; what only changes a type or a scale has no float node.
                    for (; step <= steps[layer]; step++)
                    {
                        state.Int8.RunOperator(step);
                    }

                    ReadOnlySpan<sbyte> integers = state.Int8.Activation(model.Operators[steps[layer]].Output);
                    part[layer].Add(real, nodes[layer].Output.Dequantize(integers));
                    layer++;
                });
            },
            state => state.Int8.Dispose(), progress, cancel);
        LayerStatistics[] all = Create();
        foreach (LayerStatistics[] part in parts)
        {
            foreach ((LayerStatistics sum, LayerStatistics one) in all.Zip(part))
            {
                sum.Merge(one);
            }
        }

        return [.. fused.Nodes.Select((node, i) => all[i].Report(node, nodes[i].Operation))];
    }
}
