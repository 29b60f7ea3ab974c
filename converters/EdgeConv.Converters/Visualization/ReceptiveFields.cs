using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Visualization;

/// <summary>Follows kernels, strides, padding and dilation through a graph.</summary>
public static class ReceptiveFields
{
    /// <summary>
    /// The receptive field of every value. Behind layers that mix all places (fully connected, reshape, transposition) it is the whole
    /// picture; so it is behind a transposed convolution, whose outputs do not all see fields of one size.
    /// </summary>
    /// <param name="graph">A network that takes pictures.</param>
    public static IReadOnlyDictionary<string, ReceptiveField> Of(Graph graph)
    {
        var whole = new ReceptiveField(new FieldAxis(graph.Input.Shape[1], 0, 0), new FieldAxis(graph.Input.Shape[2], 0, 0));
        Dictionary<string, Value> values = graph.Values();
        var fields = new Dictionary<string, ReceptiveField>
        {
            [graph.Input.Name] = new(new FieldAxis(1, 1, 0), new FieldAxis(1, 1, 0)),
        };
        foreach (Node node in graph.Nodes)
        {
            ReceptiveField field = fields[node.Inputs[0]];
            fields[node.Output.Name] = node.Operation switch
            {
                Conv2D c => field.Through(c.Window),
                MaxPool p => field.Through(p.Window),
                AveragePool p => field.Through(p.Window),
                Pad p => new(field.Rows.Through(1, 1, p.Top), field.Columns.Through(1, 1, p.Left)),
                Arithmetic or Concat { Axis: 3 } => node.Inputs
                    .Select(name => IsSpread(values[name], node.Output) ? whole : fields[name]).Aggregate((a, b) => Union(a, b) ?? whole),
                Concat or FullyConnected or Reshape or Transpose or TransposeConv => whole,
                _ => field,
            };
        }

        return fields;
    }

    // One value for all places, as in squeeze and excite: no place of it belongs to one of the output.
    private static bool IsSpread(Value input, Value output) =>
        !input.Shape.Skip(1).Take(2).SequenceEqual(output.Shape.Skip(1).Take(2));

    // Branches that meet have come through the same strides; a squeezed one (1x1) has seen everything.
    private static ReceptiveField? Union(ReceptiveField a, ReceptiveField b) =>
        a.Rows.Stride == b.Rows.Stride && a.Columns.Stride == b.Columns.Stride
            ? new ReceptiveField(a.Rows.Union(b.Rows), a.Columns.Union(b.Columns))
            : null;
}
