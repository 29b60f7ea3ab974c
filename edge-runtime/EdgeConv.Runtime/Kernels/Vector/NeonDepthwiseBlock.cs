namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Sixteen channels of a depthwise layer, as the bodies of NeonDepthwise3x3 take them. Distances are in bytes.</summary>
internal readonly unsafe struct NeonDepthwiseBlock
{
    /// <summary>Output pixels computed at once; a row has at least so many.</summary>
    public const int Pixels = 4;

    /// <summary>The largest last group of taps.</summary>
    public const int TwiceTaps = 3;

    /// <summary>Computes rows, from the first tap of the first row's first pixel on.</summary>
    public required delegate*<in NeonDepthwiseBlock, in NeonDepthwiseWalk, sbyte*, sbyte*, void> Run { get; init; }

    /// <summary>From one output pixel's first tap to the next one's.</summary>
    public required nint InputStep { get; init; }

    public required nint OutputStep { get; init; }

    /// <summary>From a pixel's first tap to each of the nine, in the order of the weights.</summary>
    public required nint* Offsets { get; init; }

    /// <summary>[tap][16 channels], and the last <see cref="TwiceTaps"/> once more: of what is loaded twice from one place RyuJIT makes copies.</summary>
    public required sbyte* Weights { get; init; }

    /// <summary>Two panels.</summary>
    public required int* Panels { get; init; }

    public required OutputStage Stage { get; init; }

    /// <summary>-32768, from memory: RyuJIT would make a constant anew for each use.</summary>
    public required short Floor { get; init; }
}

/// <summary>The way over some rows of the output, the same for each. Distances are in bytes.</summary>
internal readonly unsafe struct NeonDepthwiseWalk
{
    public required NeonDepthwiseLeg* Legs { get; init; }

    /// <summary>Behind the last.</summary>
    public required NeonDepthwiseLeg* End { get; init; }

    public required int Rows { get; init; }

    /// <summary>From a row's first tap to the next one's.</summary>
    public required nint InputRow { get; init; }

    public required nint OutputRow { get; init; }
}

/// <summary>A part of a row, four pixels at a time, each of which begins to read at a place of its own. Where a row is no multiple of four, the second leg overlaps the first.</summary>
internal readonly struct NeonDepthwiseLeg
{
    /// <summary>How often four pixels are computed.</summary>
    public required nint Times { get; init; }

    /// <summary>From the row's first tap to that of the first pixel.</summary>
    public required nint X0 { get; init; }

    public required nint X1 { get; init; }

    public required nint X2 { get; init; }

    public required nint X3 { get; init; }

    /// <summary>From the row's first output to the first pixel's.</summary>
    public required nint Y { get; init; }
}
