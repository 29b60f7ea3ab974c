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
    private readonly int _height = input.Shape[1], _width = input.Shape[2], _channels = input.Shape[3];
    private readonly byte _zeroPoint = (byte)input.ZeroPoint;
    private readonly int _lastColumn = (outputWidth - 1) * window.StrideW - window.PadLeft;
    private sbyte* _from;   // what the threads work at
    private sbyte* _to;

    /// <summary>Whether the first pixel reaches beyond the image.</summary>
    public bool HasFirst => window.PadLeft > 0;

    /// <summary>Whether the last does.</summary>
    public bool HasLast => _lastColumn + window.SpanW > _width;

    /// <summary>Scratch memory that the columns take, most of it left alone.</summary>
    public long Bytes => HasFirst || HasLast ? (long)_height * _width * _channels : 0;

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
            workers.Split(this, _height, (long)SplitCost.Copy * _height * 2 * window.SpanW * _channels);
        }
    }

    /// <summary>From the first tap of a row's first pixel, were it in the image, to where the first pixel finds it.</summary>
    public nint First => (nint)(_to - _from) + (nint)window.PadLeft * _channels;

    /// <summary>From there to where the last pixel finds its first tap.</summary>
    public nint Last => First + (nint)window.SpanW * _channels;

    void ISplitWork.Run(int first, int end, int lane)
    {
        nint row = (nint)_width * _channels;
        for (int r = first; r < end; r++)
        {
            if (HasFirst)
            {
                Copy(_from + r * row, -window.PadLeft, _to + r * row);
            }

            if (HasLast)
            {
                Copy(_from + r * row, _lastColumn, _to + r * row + (nint)window.SpanW * _channels);
            }
        }
    }

    /// <summary>The window's columns from one on, which may lie before the row or reach behind it.</summary>
    private void Copy(sbyte* row, int column, sbyte* to)
    {
        int before = Math.Clamp(-column, 0, window.SpanW), behind = Math.Clamp(column + window.SpanW - _width, 0, window.SpanW);
        nint inside = (nint)(window.SpanW - before - behind) * _channels;
        new Span<byte>(to, before * _channels).Fill(_zeroPoint);
        to += before * _channels;
        PlainInput.LoadInput(row + (nint)(column + before) * _channels, (byte*)to, inside);
        new Span<byte>(to + inside, behind * _channels).Fill(_zeroPoint);
    }
}
