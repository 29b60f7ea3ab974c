namespace EdgeConv.Runtime;

/// <summary>The same bytes under another shape; in place when input and output share their arena slot.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 or int16.</param>
/// <param name="Output">The same type, as many elements.</param>
public sealed record ReshapeOp(string Name, int Input, int Output) : ModelOperator(Name, Input, Output)
{
    /// <inheritdoc/>
    public override bool CanRunInPlace => true;
}

/// <summary>Tensors one behind the other along an axis. All share scale and zero point.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Parts">Activations of one type, int8 or int16, at least one and at most 26.</param>
/// <param name="Output">The same type.</param>
/// <param name="Axis">Dimension along which they are joined.</param>
public sealed record ConcatOp(string Name, IReadOnlyList<int> Parts, int Output, int Axis) : ModelOperator(Name, Parts[0], Output)
{
    /// <summary>As many as an operator record holds.</summary>
    public const int MaxParts = 26;

    /// <inheritdoc/>
    public override IReadOnlyList<int> Inputs => Parts;

    /// <summary>By content.</summary>
    public bool Equals(ConcatOp? other) => base.Equals(other) && Axis == other.Axis && Parts.SequenceEqual(other.Parts);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Axis, Parts.Count);
}

/// <summary>A frame of a constant around an image, and channels of it before and behind the image's own.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 or int16 NHWC.</param>
/// <param name="Output">The same type, scale and zero point.</param>
/// <param name="Top">Rows above.</param>
/// <param name="Left">Columns left.</param>
/// <param name="Bottom">Rows below.</param>
/// <param name="Right">Columns right.</param>
/// <param name="Front">Channels before.</param>
/// <param name="Back">Channels behind.</param>
/// <param name="Value">The frame's value; the zero point for zeros.</param>
public sealed record PadOp(string Name, int Input, int Output, int Top, int Left, int Bottom, int Right, int Front, int Back, int Value)
    : ModelOperator(Name, Input, Output);

/// <summary>
/// The dimensions in another order: output dimension i is input dimension Order[i]. Tensors of fewer than four dimensions count as if
/// they had ones in front.
/// </summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 or int16.</param>
/// <param name="Output">The same type.</param>
/// <param name="Order0">Input dimension that becomes the first.</param>
/// <param name="Order1">Input dimension that becomes the second.</param>
/// <param name="Order2">Input dimension that becomes the third.</param>
/// <param name="Order3">Input dimension that becomes the last.</param>
public sealed record TransposeOp(string Name, int Input, int Output, int Order0, int Order1, int Order2, int Order3)
    : ModelOperator(Name, Input, Output);

/// <summary>
/// A part of a tensor: output index i of a dimension is input index Begin + i * Stride. The output's shape says how many there are. Tensors
/// of fewer than four dimensions count as if they had ones in front.
/// </summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 or int16.</param>
/// <param name="Output">As the input, the same scale and zero point.</param>
/// <param name="D0">Of the first dimension.</param>
/// <param name="D1">Of the second dimension.</param>
/// <param name="D2">Of the third dimension.</param>
/// <param name="D3">Of the last dimension.</param>
public sealed record SliceOp(
    string Name, int Input, int Output, SliceDimension D0, SliceDimension D1, SliceDimension D2, SliceDimension D3)
    : ModelOperator(Name, Input, Output);

/// <summary>What a <see cref="SliceOp"/> takes of one dimension.</summary>
/// <param name="Begin">Index of the first element.</param>
/// <param name="Stride">From one element to the next; negative runs backwards, never 0.</param>
public readonly record struct SliceDimension(int Begin = 0, int Stride = 1);
