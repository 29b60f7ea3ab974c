using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// The rows of an image that the windows of one row of the output look at. Without padding they are the image's own; with padding they are copied to
/// a buffer, with the zero point around them, so that no loop has to ask what is inside.
/// </summary>
internal sealed class WindowRows
{
    private readonly CModel _model;
    private readonly ModelOperator _op;
    private readonly Window _window;
    private readonly int _step;

    /// <param name="model">The model.</param>
    /// <param name="op">The layer.</param>
    /// <param name="window">What looks at its input.</param>
    /// <param name="pool">A pooling of the results.</param>
    public WindowRows(CModel model, ModelOperator op, Window window, Pooling pool)
    {
        (int _, int width, int channels) = model.Image(op.Input);
        (_model, _op, _window) = (model, op, window);
        (_step, Count) = (pool.StrideH * window.StrideH, (pool.KernelH - 1) * window.StrideH + window.SpanH);
        RowBytes = (window.PadLeft + width + window.PadRight) * channels;
    }

    /// <summary>How many.</summary>
    public int Count { get; }

    /// <summary>Bytes from one to the next.</summary>
    public int RowBytes { get; }

    /// <summary>Bytes of the buffer that they need: none without padding.</summary>
    public int BufferBytes => _window.HasPadding ? Count * RowBytes : 0;

    /// <summary>Instructions that fill the buffer by vectors, about.</summary>
    public int VectorInstructions => BufferBytes > 0 ? Count * (32 + RowBytes * 3 / 16) : 0;

    /// <summary>The first of them for output row y, perhaps above the image.</summary>
    public int First(int y) => y * _step - _window.PadTop;

    /// <summary>Bytes of the buffer with room for what is read behind its last byte.</summary>
    public int BufferWith(int readsBehind) => BufferBytes > 0 ? BufferBytes + readsBehind : 0;

    /// <summary>How far below the image the output may begin, when a row of it is written at a time: see <see cref="Overlap.Below"/>.</summary>
    /// <param name="output">The output's index.</param>
    public int Below(int output)
    {
        (int height, int width, int channels) = _model.Image(_op.Input);
        (int rows, int columns, int filters) = _model.Image(output);
        return Overlap.Below(rows, First, y => (y + 1) * columns * filters, (height, width * channels), BufferBytes > 0);
    }

    /// <summary>Bytes from the window's first tap to another, counted row by row.</summary>
    public int Offset(int tap) => tap / _window.KernelW * _window.DilationH * RowBytes + tap % _window.KernelW * _window.DilationW * _model.Image(_op.Input).Channels;

    /// <summary>The line of C that takes them for output row y.</summary>
    public string Take()
    {
        (int height, int width, int channels) = _model.Image(_op.Input);
        string first = CModel.Minus(CModel.Times("y", _step), _window.PadTop);
        return _window.HasPadding
            ? $"edgeconv_pad({_model.Scratch(_op)}, input, {first}, {Count}, {height}, {width * channels}, {_window.PadLeft * channels}, "
                + $"{_window.PadRight * channels}, {_model.Info(_op.Input).ZeroPoint});"
            : "";
    }

    /// <summary>Where the first of them begins, for output row y.</summary>
    public string Start => _window.HasPadding ? $"{_model.Scratch(_op)}" : $"input + {CModel.Times("y", _step * RowBytes)}";
}
