using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>
/// How a convolution, and the pooling behind it, goes over its image. With padding the rows at hand are copied to a buffer that has it, so that
/// no sum has to ask what is inside.
/// </summary>
internal sealed class NanoWindow
{
    private readonly NanoModel _model;
    private readonly Conv2DOp _op;

    public NanoWindow(NanoModel model, Conv2DOp op)
    {
        (_model, _op) = (model, op);
        (Window w, Pooling pool) = (op.Window, op.Pool);
        (int _, int width, int channels) = model.Image(op.Input);
        (Rows, Columns, int _) = model.Image(op.Output);
        RowBytes = (w.PadLeft + width + w.PadRight) * channels;
        Count = (pool.KernelH - 1) * w.StrideH + w.SpanH;
        StepX = pool.StrideW * w.StrideW * channels;
        Places = [.. Enumerable.Range(0, pool.KernelH).SelectMany(y => Enumerable.Range(0, pool.KernelW), (y, x) => y * w.StrideH * RowBytes + x * w.StrideW * channels)];
        Depth = channels / op.Groups;
        Taps = [.. Enumerable.Range(0, w.KernelH * w.KernelW * Depth).Select(tap => Offset(tap, channels))];
    }

    /// <summary>Rows of the output.</summary>
    public int Rows { get; }

    /// <summary>Columns of the output.</summary>
    public int Columns { get; }

    /// <summary>Rows of the image that a row of the output looks at.</summary>
    public int Count { get; }

    /// <summary>From one of them to the next.</summary>
    public int RowBytes { get; }

    /// <summary>From a pixel of the output to the next, in the image.</summary>
    public int StepX { get; }

    /// <summary>Input channels that a filter sees.</summary>
    public int Depth { get; }

    /// <summary>The places of a pooling's window.</summary>
    public IReadOnlyList<int> Places { get; }

    /// <summary>The taps of a filter of the first group, from the window's first byte.</summary>
    public IReadOnlyList<int> Taps { get; }

    /// <summary>Bytes of the buffer: none without padding.</summary>
    public int BufferBytes => _op.Window.HasPadding ? Count * RowBytes : 0;

    /// <summary>The buffer and the padding, as the fields of the firmware's loops; nothing without padding.</summary>
    public string PaddingText(NanoBlob blob) => _op.Window is { HasPadding: true } w
        ? $" Buffer = {_model.Scratch(_op)}, PadTop = {w.PadTop}, PadLeft = {w.PadLeft * _model.Image(_op.Input).Channels}, PadValue = {blob.Number(_model.Info(_op.Input).ZeroPoint)}, HasPadding = true,"
        : "";

    /// <summary>Operations for the rows, and for going from pixel to pixel.</summary>
    public long WalkOps
    {
        get
        {
            (int height, int width, int channels) = _model.Image(_op.Input);
            long rows = _op.Window.HasPadding ? 7L * BufferBytes + Rows * Count * 30L + 7L * width * channels * (_op.Window.PadTop + _op.Window.PadBottom) : 0;
            return rows + Rows * (12L + Columns * 12L);
        }
    }

    /// <summary>How far below the image the output may begin, when it is written from row to row.</summary>
    public int Below
    {
        get
        {
            (int height, int width, int channels) = _model.Image(_op.Input);
            int filters = _model.Image(_op.Output).Channels, step = _op.Pool.StrideH * _op.Window.StrideH;
            return Overlap.Below(Rows, y => y * step - _op.Window.PadTop, y => (y + 1) * Columns * filters, (height, width * channels), BufferBytes > 0);
        }
    }

    /// <summary>The layer's method: what is done for each pixel, at a[p], to a[o].</summary>
    /// <param name="text">Gets it.</param>
    /// <param name="pixel">Lines for a pixel.</param>
    public void Write(NanoText text, string pixel)
    {
        (int height, int width, int channels) = _model.Image(_op.Input);
        (Window w, int step, int zero) = (_op.Window, _op.Pool.StrideH * _op.Window.StrideH, _model.Info(_op.Input).ZeroPoint);
        int image = _model.At(_op.Input), filters = _model.Image(_op.Output).Channels;
        text.Add($"private static void {_model.Name(_op)}(sbyte[] a, WeightSource w, long[] t)\n{{", 2);
        text.Add($"int o = {_model.At(_op.Output)};", 3);
        int buffer = w.HasPadding ? _model.Scratch(_op) : 0;
        if (w.HasPadding)
        {
            text.Add($"WindowRows.Fill(a, {buffer}, {BufferBytes}, {zero});", 3);
        }

        text.Add($"for (int y = 0; y < {Rows}; y++)\n{{", 3);
        if (w.HasPadding)
        {
            text.Add($"WindowRows.Take(a, {buffer}, {image}, {NanoText.Plus($"y * {step}", -w.PadTop)}, {Count}, {height}, {width * channels}, {w.PadLeft * channels}, {RowBytes}, {zero});", 4);
        }

        text.Add(w.HasPadding ? $"int p = {buffer};" : $"int p = {image} + y * {step * RowBytes};", 4);
        text.Add($"for (int x = 0; x < {Columns}; x++)\n{{", 4).Add(pixel, 5).Add($"p += {StepX};\no += {filters};", 5);
        text.Add("}", 4).Add("}", 3).Add("}\n", 2);
    }

    private int Offset(int tap, int channels)
    {
        (int pixel, int channel) = (tap / Depth, tap % Depth);
        return pixel / _op.Window.KernelW * _op.Window.DilationH * RowBytes + pixel % _op.Window.KernelW * _op.Window.DilationW * channels + channel;
    }
}
