namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>The int16 input of a convolution with its padding, which is 0; read where it lies when there is none.</summary>
internal sealed unsafe class WideImage
{
    private const int Slack = 64;   // a step may read beyond the last pixel
    private readonly short* _x;
    private readonly int _height;
    private readonly int _width;
    private readonly int _channels;
    private readonly int _paddedH;
    private readonly int _paddedW;
    private readonly Window _window;

    public WideImage(Conv2DOp op, KernelContext context)
    {
        IReadOnlyList<int> shape = context.Info(op.Input).Shape;
        _x = (short*)context.Activation(op.Input);
        (Batch, _height, _width, _channels) = (shape[0], shape[1], shape[2], shape[3]);
        _window = op.Window;
        (_paddedH, _paddedW) = (_height + _window.PadTop + _window.PadBottom, _width + _window.PadLeft + _window.PadRight);
    }

    public int Batch { get; }

    public long ScratchBytes => _window.HasPadding ? (long)_paddedH * _paddedW * _channels * sizeof(short) + Slack : 0;

    /// <summary>Elements from a window's first pixel to that of a kernel tap.</summary>
    public nint Offset(int tap) =>
        ((nint)(tap / _window.KernelW) * _window.DilationH * _paddedW + tap % _window.KernelW * _window.DilationW) * _channels;

    /// <summary>Elements from the image's first pixel to the first of an output pixel's window.</summary>
    public nint Pixel(int row, int column) => ((nint)row * _window.StrideH * _paddedW + (nint)column * _window.StrideW) * _channels;

    /// <summary>The padded image n of the batch.</summary>
    public short* Load(int n, byte* scratch)
    {
        short* x = _x + (nint)n * _height * _width * _channels;
        if (!_window.HasPadding)
        {
            return x;
        }

        short* image = (short*)scratch;
        int row = _width * _channels;
        new Span<short>(image, _paddedH * _paddedW * _channels).Clear();
        for (int r = 0; r < _height; r++)
        {
            nint at = ((nint)(r + _window.PadTop) * _paddedW + _window.PadLeft) * _channels;
            Buffer.MemoryCopy(x + (nint)r * row, image + at, row * sizeof(short), row * sizeof(short));
        }

        return image;
    }
}
