namespace EdgeConv.Converters.Graphs;

/// <summary>Shapes and other short lists in messages.</summary>
internal static class ShapeText
{
    /// <summary>[1, 28, 28, 1].</summary>
    public static string Text<T>(this IEnumerable<T> values) => $"[{string.Join(", ", values)}]";
}
