using EdgeConv.Runtime;

namespace EdgeConv.Converters.Graphs;

/// <summary>The same elements, in NHWC order, under another shape (flatten).</summary>
public sealed record Reshape : Operation;

/// <summary>The inputs one behind the other.</summary>
/// <param name="Axis">NHWC dimension along which they are joined.</param>
public sealed record Concat(int Axis) : Operation;

/// <summary>A frame of one value around a picture, and channels of it before and behind the picture's own.</summary>
/// <param name="Top">Rows above.</param>
/// <param name="Left">Columns left.</param>
/// <param name="Bottom">Rows below.</param>
/// <param name="Right">Columns right.</param>
/// <param name="Front">Channels before.</param>
/// <param name="Back">Channels behind.</param>
/// <param name="Value">What the frame holds.</param>
public sealed record Pad(int Top, int Left, int Bottom, int Right, int Front = 0, int Back = 0, float Value = 0) : Operation;

/// <summary>The four dimensions in another order: output dimension i is input dimension Order[i].</summary>
/// <param name="Order">A permutation of 0 to 3, of NHWC dimensions.</param>
public sealed record Transpose(IReadOnlyList<int> Order) : Operation;

/// <summary>A part of a tensor; the output's shape says how many elements of each dimension.</summary>
/// <param name="Dimensions">Of each dimension as we store it: the first element, and the stride to the next.</param>
public sealed record Slice(IReadOnlyList<SliceDimension> Dimensions) : Operation;

/// <summary>A picture with other numbers of rows and columns: those of the output's shape.</summary>
/// <param name="Mode">Nearest or bilinear.</param>
/// <param name="Coordinates">How positions correspond.</param>
public sealed record ResizeImage(ResizeMode Mode, ResizeCoordinates Coordinates) : Operation
{
    /// <inheritdoc/>
    public override string Kind => "Resize";
}
