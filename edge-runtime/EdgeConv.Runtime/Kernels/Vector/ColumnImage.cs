using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// An image of few channels with its kernel rows side by side: for each row of the convolution's output, column by column, the input
/// rows that the kernel sees there. What a pixel reads is then one run instead of one a kernel row, and no step of the micro-kernel is spent
/// on the few bytes that such a run leaves over. Weights are packed by columns too: <see cref="ByColumns"/>.
/// </summary>
/// <param name="image">The padded image.</param>
/// <param name="window">The convolution's.</param>
/// <param name="channels">Of the input.</param>
/// <param name="rows">Of the convolution's output.</param>
internal sealed unsafe class ColumnImage<T>(PaddedImage<T> image, Window window, int channels, int rows)
    where T : struct, IInputForm, ITapOrder
{
    private const int MaxBytes = 4 << 20;
    private const int Slack = 64;   // the last copy and a step may reach beyond the last column
    private readonly int _element = channels * T.InputBytes;
    private readonly int _column = channels * T.InputBytes * window.KernelH;
    private readonly SlidingColumns _sliding = new(channels * T.InputBytes, window.KernelH);

    /// <summary>Bytes from one column to the next.</summary>
    public nint ColumnBytes => _column;

    /// <summary>Bytes from one row of the output to the next.</summary>
    public nint RowBytes => (nint)image.Width * _column;

    /// <summary>Scratch memory, the padded image included.</summary>
    public long Bytes => Aligned(image.Bytes) + (long)rows * RowBytes + Slack;

    /// <summary>Whether a pixel takes at least an eighth fewer steps this way, and the columns are not too many for a cache.</summary>
    public static bool Pays(Window window, int groups, TensorInfo input, int paddedWidth)
    {
        long run = (long)window.KernelW * input.Shape[3], apart = window.KernelH * Steps(run), together = Steps(window.KernelH * run);
        double bytes = (double)window.OutputH(input.Shape[1]) * paddedWidth * window.KernelH * input.Shape[3] * T.InputBytes;
        return groups == 1 && window.DilationW == 1 && together * 8 <= apart * 7 && bytes <= MaxBytes;
    }

    /// <summary>OHWI to OWHI: the order in which a column image has the taps.</summary>
    public static sbyte[] ByColumns(ReadOnlySpan<sbyte> weights, Window window, int channels)
    {
        var byColumns = new sbyte[weights.Length];
        int taps = window.KernelH * window.KernelW;
        for (int i = 0; i < weights.Length / channels; i++)
        {
            (int filter, int tap) = Math.DivRem(i, taps);
            (int ky, int kx) = Math.DivRem(tap, window.KernelW);
            weights.Slice(i * channels, channels).CopyTo(byColumns.AsSpan((filter * taps + kx * window.KernelH + ky) * channels));
        }

        return byColumns;
    }

    /// <summary>Makes the columns of one image of the batch and returns the first one's first byte.</summary>
    public byte* Load(sbyte* x, byte* scratch)
    {
        byte* from = image.Load(x, scratch), columns = scratch + Aligned(image.Bytes), to = columns;
        nint line = (nint)image.Width * _element, step = window.StrideH * line, dilated = window.DilationH * line;
        bool slides = _sliding.Fits && step == dilated;
        for (int row = 0; row < rows; row++, from += step, to += RowBytes)
        {
            if (row > 0 && slides)
            {
                _sliding.Next(to - RowBytes, from + (window.KernelH - 1) * dilated, to, image.Width);
            }
            else
            {
                Copy(from, dilated, to);
            }
        }

        return columns;
    }

    private static long Steps(long taps) => (taps + T.StepTaps - 1) / T.StepTaps;

    private static long Aligned(long bytes) => (bytes + 63) & ~63L;

    /// <summary>Sixteen bytes at a time: what a copy writes too much, the next one overwrites.</summary>
    private void Copy(byte* from, nint dilated, byte* to)
    {
        for (int x = 0; x < image.Width; x++, from += _element)
        {
            byte* at = from;
            for (int ky = 0; ky < window.KernelH; ky++, at += dilated, to += _element)
            {
                for (int i = 0; i < _element; i += Vector128<byte>.Count)
                {
                    Vector128.Load(at + i).Store(to + i);
                }
            }
        }
    }

    /// <summary>The columns of a row from those of the row above: each loses its first element and gets one behind its last.</summary>
    private readonly struct SlidingColumns
    {
        private readonly Vector128<byte> _kept;
        private readonly Vector128<byte> _added;
        private readonly int _columns;
        private readonly int _element;
        private readonly int _bytes;

        public SlidingColumns(int element, int kernelH)
        {
            int column = element * kernelH;
            (_columns, _element) = (Vector128<byte>.Count / column, element);
            _bytes = _columns * column;
            Span<byte> kept = stackalloc byte[Vector128<byte>.Count], added = stackalloc byte[Vector128<byte>.Count];
            for (int i = 0; i < kept.Length; i++)
            {
                kept[i] = added[i] = byte.MaxValue;   // beyond the vector: 0
            }

            for (int i = 0; i < _bytes; i++)
            {
                (int at, int within) = Math.DivRem(i, column);
                int behind = within - (column - element);
                (behind < 0 ? kept : added)[i] = (byte)(behind < 0 ? i + element : at * element + behind);
            }

            (_kept, _added) = (Vector128.Create<byte>(kept), Vector128.Create<byte>(added));
        }

        /// <summary>Whether a column fits a vector.</summary>
        public bool Fits => _columns > 0;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Next(byte* above, byte* line, byte* to, int width)
        {
            Vector128<byte> kept = _kept, added = _added;
            int columns = _columns, element = _columns * _element, bytes = _bytes;
            for (int x = 0; x < width; x += columns, above += bytes, line += element, to += bytes)
            {
                (Vector128.Shuffle(Vector128.Load(above), kept) | Vector128.Shuffle(Vector128.Load(line), added)).Store(to);
            }
        }
    }
}
