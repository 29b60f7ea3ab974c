using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Onnx;

/// <summary>How a file holds an activation.</summary>
internal enum IntegerForm
{
    /// <summary>Floats.</summary>
    None,

    /// <summary>int8.</summary>
    Int8,

    /// <summary>uint8; 128 more than our int8.</summary>
    Uint8,

    /// <summary>uint8 at a scale that is found when the network runs.</summary>
    Dynamic,
}

/// <summary>An activation while importing: what it is in our graph, and how ONNX sees it.</summary>
/// <param name="Value">Name and shape in our graph: [1, H, W, C] or [1, C].</param>
/// <param name="OnnxShape">As ONNX sees it: usually [1, C, H, W] or [1, C].</param>
/// <param name="FlattenedFrom">
/// Set on a [1, C] whose elements are in HWC order while ONNX has them in CHW order; constants that meet it are permuted.
/// </param>
internal sealed record ImportedValue(Value Value, IReadOnlyList<int> OnnxShape, ImageShape? FlattenedFrom = null)
{
    /// <summary>Set on four dimensions that ONNX has in the order in which we store them, as after its transpose to NHWC.</summary>
    public bool IsAsStored { get; init; }

    /// <summary>Set where ONNX sees another value's elements under a shape that we do not have, on the way to one that we have.</summary>
    public ImportedValue? ViewOf { get; init; }

    /// <summary>What the file has here: floats, or the integers that stand for them. The graph knows floats only.</summary>
    public IntegerForm Form { get; init; }

    /// <summary>Set where a factor is missing that the file multiplies with later: the scale of a dynamic quantization.</summary>
    public bool IsUnscaled { get; init; }

    /// <summary>The same value in another form.</summary>
    public ImportedValue As(IntegerForm form, bool isUnscaled = false) =>
        this with { Form = form, IsUnscaled = isUnscaled, ViewOf = ViewOf?.As(form, isUnscaled) };

    /// <summary>The value whose elements these are.</summary>
    public ImportedValue Source => ViewOf ?? this;

    /// <summary>Whether our elements stand in ONNX's order.</summary>
    public bool InOnnxOrder => ViewOf is { } source ? source.InOnnxOrder
        : OnnxShape.Count == 4 ? IsAsStored || Image.OrdersAgree
        : FlattenedFrom is null;

    /// <summary>The picture's size.</summary>
    /// <exception cref="UnsupportedNodeException">The value is no picture.</exception>
    public ImageShape Image => OnnxShape.Count == 4 && ViewOf is null && !IsAsStored
        ? new ImageShape(OnnxShape[2], OnnxShape[3], OnnxShape[1])
        : throw new UnsupportedNodeException($"its input has the shape {OnnxShape.Text()}; [1, C, H, W] is supported");

    /// <summary>Length of a row.</summary>
    /// <exception cref="UnsupportedNodeException">The value is no row.</exception>
    public int Features => OnnxShape.Count == 2 && ViewOf is null
        ? OnnxShape[1]
        : throw new UnsupportedNodeException($"its input has the shape {OnnxShape.Text()}; [1, C] is supported");
}
