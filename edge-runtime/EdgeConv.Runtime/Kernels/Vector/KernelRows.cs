namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>The rows of a 3x3 kernel that meet the image, not the padding above or below it, for one row of the output.</summary>
internal readonly record struct KernelRows(int First, int Last)
{
    /// <summary>Rows of the kernel, and taps of each.</summary>
    public const int Count = 3;

    /// <summary>Where there is no padding.</summary>
    public static KernelRows All { get; } = new(0, Count - 1);

    /// <summary>None.</summary>
    public bool IsEmpty => First > Last;

    /// <summary>Those of a row of the output.</summary>
    public static KernelRows Of(Window window, int outputRow, int height)
    {
        int top = outputRow * window.StrideH - window.PadTop, first = 0, last = Count - 1;
        for (; first < Count && top + first * window.DilationH < 0; first++)
        {
        }

        for (; last >= 0 && top + last * window.DilationH >= height; last--)
        {
        }

        return new KernelRows(first, last);
    }

    /// <summary>Whether a row is among them.</summary>
    public bool Has(int row) => row >= First && row <= Last;

    /// <summary>The row itself or the one of them that is nearest.</summary>
    public int Nearest(int row) => Math.Clamp(row, First, Last);

    /// <summary>Their weights of a filter.</summary>
    public ReadOnlySpan<sbyte> Of(ReadOnlySpan<sbyte> filter) => filter[(First * Count)..((Last + 1) * Count)];
}
