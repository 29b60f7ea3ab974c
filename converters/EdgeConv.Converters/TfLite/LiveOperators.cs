using EdgeConv.Converters.TfLite.Schema;

namespace EdgeConv.Converters.TfLite;

/// <summary>
/// The operators that a result depends on. Shapes in the file are fixed, so what only computes a shape (SHAPE, STRIDED_SLICE, PACK in
/// front of a RESHAPE) is not among them.
/// </summary>
internal static class LiveOperators
{
    /// <summary>In the order of the file.</summary>
    public static IReadOnlyList<TfLiteOperator> Of(TfLiteModel model)
    {
        var needed = new HashSet<int>(model.Outputs);
        var live = new List<TfLiteOperator>();
        foreach (TfLiteOperator op in model.Operators.Reverse().Where(o => o.Outputs.Any(needed.Contains)))
        {
            needed.UnionWith(Read(op));
            live.Add(op);
        }

        live.Reverse();
        return live;
    }

    /// <summary>The network's inputs that any of them reads.</summary>
    public static int[] Inputs(TfLiteModel model, IReadOnlyList<TfLiteOperator> operators)
    {
        HashSet<int> read = [.. operators.SelectMany(Read)];
        return [.. model.Inputs.Distinct().Where(read.Contains)];
    }

    private static IEnumerable<int> Read(TfLiteOperator op) => op.Inputs.Where((_, i) => !IsShape(op.Kind, i));

    private static bool IsShape(string kind, int input) => (kind, input) switch
    {
        ("RESHAPE" or "EXPAND_DIMS" or "RESIZE_BILINEAR" or "RESIZE_NEAREST_NEIGHBOR", 1) => true,
        ("TRANSPOSE_CONV", 0) => true,
        _ => false,
    };
}
