using EdgeConv.Runtime.Threading;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// The columns that the first and the last pixel of an output row read, padding filled in, for each row of the image and as far apart as its
/// rows: a kernel reads these two pixels here by the distances of the image, and all others in the image itself.
/// </summary>
/// <param name="input">int8 NHWC.</param>
/// <param name="window">What moves over it.</param>
/// <param name="outputWidth">Pixels of an output row.</param>
/// <param name="workers">They copy.</param>
internal sealed unsafe class RowEnds(TensorInfo input, Window window, int outputWidth, WorkerPool workers) : ISplitWork
{
    private readonly int _height = input.Shape[1];
    private readonly nint _row = (nint)input.Shape[2] * input.Shape[3], _columns = (nint)window.SpanW * input.Shape[3];
    private readonly byte _zeroPoint = (byte)input.ZeroPoint;
    private readonly Columns _first = Columns.Of(-window.PadLeft, window.SpanW, input);
    private readonly Columns _last = Columns.Of((outputWidth - 1) * window.StrideW - window.PadLeft, window.SpanW, input);
    private sbyte* _from;   // what the threads work at
    private sbyte* _to;

    /// <summary>Whether the first pixel reaches beyond the image.</summary>
    public bool HasFirst => _first.Before > 0;

    /// <summary>Whether the last does.</summary>
    public bool HasLast => _last.Behind > 0;

    /// <summary>Scratch memory that the columns take, most of it left alone.</summary>
    public long Bytes => HasFirst || HasLast ? _height * (long)_row : 0;

    /// <summary>Whether it is these two pixels alone that reach beyond the sides of the image, and both have room in a row.</summary>
    public static bool Suffice(Window window, int width, int outputWidth) => window.PadLeft <= window.StrideW
        && (outputWidth - 2) * window.StrideW - window.PadLeft + window.SpanW <= width && 2 * window.SpanW <= width;

    /// <summary>Copies the columns of one image of the batch.</summary>
    public void Load(sbyte* image, sbyte* scratch)
    {
        _from = image;
        _to = scratch;
        if (HasFirst || HasLast)
        {
            workers.Split(this, _height, SplitCost.Copy * _height * 2 * (long)_columns);
        }
    }

    /// <summary>From the first tap of a row's first pixel, were it in the image, to where the first pixel finds it.</summary>
    public nint First => (nint)(_to - _from) - _first.From;

    /// <summary>From the same to where the last pixel finds its first tap.</summary>
    public nint Last => First + _columns;

    void ISplitWork.Run(int first, int end, int lane)
    {
        for (int r = first; r < end; r++)
        {
            sbyte* row = _from + r * _row, to = _to + r * _row;
            if (HasFirst)
            {
                Copy(row, _first, to);
            }

            if (HasLast)
            {
                Copy(row, _last, to + _columns);
            }
        }
    }

    private void Copy(sbyte* row, in Columns columns, sbyte* to)
    {
        sbyte* inside = to + columns.Before, behind = inside + columns.Inside;
        PlainInput.LoadInput(row + columns.From + columns.Before, (byte*)inside, columns.Inside);
        if (columns.Before > 0)
        {
            new Span<byte>(to, columns.Before).Fill(_zeroPoint);
        }

        if (columns.Behind > 0)
        {
            new Span<byte>(behind, columns.Behind).Fill(_zeroPoint);
        }
    }

    /// <summary>The columns of a window, in bytes: from where in a row, and how many lie before the row, inside and behind it.</summary>
    private readonly record struct Columns(nint From, int Before, nint Inside, int Behind)
    {
        public static Columns Of(int column, int count, TensorInfo input)
        {
            int channels = input.Shape[3], before = Math.Clamp(-column, 0, count), behind = Math.Clamp(column + count - input.Shape[2], 0, count);
            return new Columns((nint)column * channels, before * channels, (nint)(count - before - behind) * channels, behind * channels);
        }
    }
}
