using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.TfLite.Operators;

/// <summary>Kernels, strides and TFLite's two paddings.</summary>
internal static class WindowImport
{
    private const int Same = 0, Valid = 1;
    private const int LargestField = short.MaxValue;

    /// <summary>The window that takes an image to the output's size.</summary>
    /// <param name="n">The operator.</param>
    /// <param name="paddingField">Where its padding is.</param>
    /// <param name="sizes">Kernel, stride and dilation, each of rows and columns.</param>
    /// <param name="image">What the window slides over, NHWC.</param>
    /// <param name="output">What comes out, NHWC; only rows and columns count.</param>
    public static Window Of(OperatorImport n, int paddingField, WindowSizes sizes, IReadOnlyList<int> image, IReadOnlyList<int> output)
    {
        int padding = n.Enumeration(paddingField);
        if (padding is not (Same or Valid))
        {
            throw new UnsupportedOperatorException($"padding {padding}; SAME and VALID are supported");
        }

        (int outH, int top, int bottom) = Along(padding, image[1], sizes.KernelH, sizes.StrideH, sizes.DilationH, "rows");
        (int outW, int left, int right) = Along(padding, image[2], sizes.KernelW, sizes.StrideW, sizes.DilationW, "columns");
        return outH == output[1] && outW == output[2]
            ? new Window(sizes.KernelH, sizes.KernelW, sizes.StrideH, sizes.StrideW, sizes.DilationH, sizes.DilationW, top, left, bottom, right)
            : throw new UnsupportedOperatorException($"its window takes {image.Text()} to {outH} x {outW} pixels; the file says {output.Text()}");
    }

    private static (int Size, int Before, int Behind) Along(int padding, int size, int kernel, int stride, int dilation, string what)
    {
        foreach (int field in (int[])[kernel, stride, dilation])
        {
            if (field is < 1 or > LargestField)
            {
                throw new UnsupportedOperatorException($"kernel, stride and dilation of its {what} are {kernel}, {stride} and {dilation}; "
                    + $"1 to {LargestField} is supported");
            }
        }

        long span = ((kernel - 1L) * dilation) + 1;
        long output = padding == Same ? (size + stride - 1) / stride : (size + stride - span) / stride;
        if (output < 1)
        {
            throw new UnsupportedOperatorException($"its kernel covers {span} {what}, the image has {size}");
        }

        // The odd one goes behind.
        long total = padding == Same ? Math.Max(((output - 1) * stride) + span - size, 0) : 0;
        return total <= LargestField
            ? ((int)output, (int)(total / 2), (int)(total - (total / 2)))
            : throw new UnsupportedOperatorException($"its {what} are padded by {total}; up to {LargestField} is supported");
    }
}

/// <summary>Rows and columns of a window's kernel, stride and dilation.</summary>
internal readonly record struct WindowSizes(int KernelH, int KernelW, int StrideH, int StrideW, int DilationH = 1, int DilationW = 1);
