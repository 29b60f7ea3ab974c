namespace EdgeConv.Runtime;

/// <summary>Which source pixels an output pixel of <see cref="ResizeOp"/> takes.</summary>
public enum ResizeMode
{
    /// <summary>One.</summary>
    Nearest = 0,

    /// <summary>The two nearest rows and columns, weighted by distance.</summary>
    Bilinear = 1,
}

/// <summary>Where output pixel i of n lies in a source of m pixels, along one side.</summary>
public enum ResizeCoordinates
{
    /// <summary>At i * m / n: left edges meet.</summary>
    Asymmetric = 0,

    /// <summary>At (i + 1/2) * m / n - 1/2: pixels have their centres at halves.</summary>
    HalfPixel = 1,

    /// <summary>At i * (m - 1) / (n - 1): the centres of the corners meet.</summary>
    AlignCorners = 2,
}

/// <summary>An image with other numbers of rows and columns: TFLite's integer arithmetic.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 NHWC, at most 32,767 rows and columns.</param>
/// <param name="Output">int8 NHWC, the same scale and zero point; its shape is the size wanted.</param>
/// <param name="Mode">Nearest or bilinear.</param>
/// <param name="Coordinates">How positions correspond.</param>
public sealed record ResizeOp(string Name, int Input, int Output, ResizeMode Mode, ResizeCoordinates Coordinates)
    : ModelOperator(Name, Input, Output);
