namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Sixteen channels of a depthwise layer, as the bodies of NeonDepthwise3x3 take them: a row at a time. Distances are in bytes.</summary>
internal readonly unsafe struct NeonDepthwiseBlock
{
    /// <summary>Output pixels computed at once; a row has at least so many.</summary>
    public const int Pixels = 4;

    /// <summary>Computes a row, from the first tap of its first pixel on.</summary>
    public required delegate*<in NeonDepthwiseBlock, sbyte*, sbyte*, void> Run { get; init; }

    /// <summary>From one output pixel's first tap to the next one's.</summary>
    public required nint InputStep { get; init; }

    public required nint OutputStep { get; init; }

    /// <summary>From a pixel's first tap to each of the nine, in the order of the weights.</summary>
    public required nint* Offsets { get; init; }

    /// <summary>[tap][16 channels].</summary>
    public required sbyte* Weights { get; init; }

    /// <summary>Two panels.</summary>
    public required int* Panels { get; init; }

    public required OutputStage Stage { get; init; }

    /// <summary>-32768, from memory: RyuJIT would make a constant anew for each use.</summary>
    public required short Floor { get; init; }

    /// <summary>How often four pixels are computed. Where a row is no multiple of four, the second time overlaps the first.</summary>
    public required nint Times { get; init; }

    /// <summary>Pixels from the first time to the second.</summary>
    public required nint Ahead { get; init; }
}
