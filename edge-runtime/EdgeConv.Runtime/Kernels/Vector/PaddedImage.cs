namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>An image with its padding in the form that the micro-kernel reads; the image itself where that is the same.</summary>
/// <param name="input">int8 NHWC.</param>
/// <param name="frame">Its padding.</param>
internal sealed unsafe class PaddedImage<T>(TensorInfo input, ImageFrame frame)
    where T : struct, IInputForm
{
    private const int Slack = 64;   // a step may read beyond the last pixel
    private readonly int _height = input.Shape[1], _width = input.Shape[2], _channels = input.Shape[3];
    private readonly int _zeroPoint = input.ZeroPoint;
    private readonly bool _inPlace = frame == default && T.InputBytes == 1 && T.InputOffset == 0;

    /// <summary>Columns, padding included.</summary>
    public int Width { get; } = frame.Left + input.Shape[2] + frame.Right;

    /// <summary>Scratch memory that the copy takes.</summary>
    public long Bytes => _inPlace ? 0 : (long)(frame.Top + _height + frame.Bottom) * Width * _channels * T.InputBytes + Slack;

    /// <summary>Copies one image of the batch and returns its first byte, padding included.</summary>
    public byte* Load(sbyte* x, byte* scratch)
    {
        if (_inPlace)
        {
            return (byte*)x;
        }

        nint row = (nint)_width * _channels, paddedRow = (nint)Width * _channels;
        byte* image = scratch;
        Fill(image, frame.Top * paddedRow);
        image += frame.Top * paddedRow * T.InputBytes;
        for (int r = 0; r < _height; r++)
        {
            Fill(image, (nint)frame.Left * _channels);
            image += (nint)frame.Left * _channels * T.InputBytes;
            T.LoadInput(x, image, row);
            x += row;
            image += row * T.InputBytes;
            Fill(image, (nint)frame.Right * _channels);
            image += (nint)frame.Right * _channels * T.InputBytes;
        }

        Fill(image, frame.Bottom * paddedRow);
        return scratch;
    }

    /// <summary>Padding: the input zero point, as <see cref="IInputForm.LoadInput"/> would leave it.</summary>
    private void Fill(byte* image, nint count)
    {
        if (T.InputBytes == 1)
        {
            new Span<byte>(image, (int)count).Fill((byte)(_zeroPoint + T.InputOffset));
        }
        else
        {
            new Span<short>(image, (int)count).Fill((short)(_zeroPoint + T.InputOffset));
        }
    }
}

/// <summary>Rows and columns of padding around an image.</summary>
internal readonly record struct ImageFrame(int Top, int Left, int Bottom, int Right);
