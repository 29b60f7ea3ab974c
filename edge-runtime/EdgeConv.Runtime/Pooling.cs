namespace EdgeConv.Runtime;

/// <summary>A maximum over windows of a convolution's own output, taken before it is stored. No padding, no dilation; values in pixels.</summary>
/// <param name="KernelH">Rows of the window, at least 1.</param>
/// <param name="KernelW">Columns of the window, at least 1.</param>
/// <param name="StrideH">Rows from one window to the next, at least 1.</param>
/// <param name="StrideW">Columns from one window to the next, at least 1.</param>
public readonly record struct Pooling(int KernelH, int KernelW, int StrideH, int StrideW)
{
    /// <summary>Every pixel is a window of its own.</summary>
    public static Pooling None { get; } = new(1, 1, 1, 1);

    /// <summary>Pixels of a window.</summary>
    public int Pixels => KernelH * KernelW;

    /// <summary>Rows that are left of a convolution's output; zero or less when the window does not fit.</summary>
    public int OutputH(int rows) => OutputSize(rows, KernelH, StrideH);

    /// <summary>Columns that are left of a convolution's output; zero or less when the window does not fit.</summary>
    public int OutputW(int columns) => OutputSize(columns, KernelW, StrideW);

    private static int OutputSize(int size, int kernel, int stride) => size < kernel ? 0 : (size - kernel) / stride + 1;
}
