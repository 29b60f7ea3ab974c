namespace EdgeConv.Runtime;

/// <summary>How a kernel slides over the rows (H) and columns (W) of an NHWC image. All values are in pixels.</summary>
/// <param name="KernelH">Rows of the kernel, at least 1.</param>
/// <param name="KernelW">Columns of the kernel, at least 1.</param>
/// <param name="StrideH">Rows from one output to the next, at least 1.</param>
/// <param name="StrideW">Columns from one output to the next, at least 1.</param>
/// <param name="DilationH">Rows from one kernel tap to the next, at least 1.</param>
/// <param name="DilationW">Columns from one kernel tap to the next, at least 1.</param>
/// <param name="PadTop">Rows of padding above the image.</param>
/// <param name="PadLeft">Columns of padding left of the image.</param>
/// <param name="PadBottom">Rows of padding below the image.</param>
/// <param name="PadRight">Columns of padding right of the image.</param>
public readonly record struct Window(
    int KernelH, int KernelW,
    int StrideH = 1, int StrideW = 1,
    int DilationH = 1, int DilationW = 1,
    int PadTop = 0, int PadLeft = 0, int PadBottom = 0, int PadRight = 0)
{
    /// <summary>Rows that the dilated kernel covers.</summary>
    public int SpanH => (KernelH - 1) * DilationH + 1;

    /// <summary>Columns that the dilated kernel covers.</summary>
    public int SpanW => (KernelW - 1) * DilationW + 1;

    /// <summary>floor((n + 2p - f) / s + 1) of the lecture, for rows; zero or less when the kernel does not fit.</summary>
    public int OutputH(int inputH) => OutputSize(inputH + PadTop + PadBottom, SpanH, StrideH);

    /// <summary>floor((n + 2p - f) / s + 1) of the lecture, for columns; zero or less when the kernel does not fit.</summary>
    public int OutputW(int inputW) => OutputSize(inputW + PadLeft + PadRight, SpanW, StrideW);

    /// <summary>True when any side is padded.</summary>
    public bool HasPadding => (PadTop | PadLeft | PadBottom | PadRight) != 0;

    private static int OutputSize(int padded, int span, int stride) => padded < span ? 0 : (padded - span) / stride + 1;
}
