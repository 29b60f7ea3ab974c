using EdgeConv.Runtime.Threading;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>An image with its padding in the form that the micro-kernel reads; the image itself where that is the same.</summary>
/// <param name="input">int8 NHWC.</param>
/// <param name="frame">Its padding.</param>
/// <param name="workers">They copy rows.</param>
internal sealed unsafe class PaddedImage<T>(TensorInfo input, ImageFrame frame, WorkerPool workers) : ISplitWork
    where T : struct, IInputForm
{
    private const int Slack = 64;   // a step may read beyond the last pixel
    private readonly int _height = input.Shape[1], _width = input.Shape[2], _channels = input.Shape[3];
    private readonly int _zeroPoint = input.ZeroPoint;
    private readonly bool _inPlace = frame == default && T.InputBytes == 1 && T.InputOffset == 0;
    private sbyte* _from;   // what the threads work at
    private byte* _to;

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

        _from = x;
        _to = scratch;
        int rows = frame.Top + _height + frame.Bottom;
        workers.Split(this, rows, (long)SplitCost.Copy * rows * Width * _channels);
        return scratch;
    }

    void ISplitWork.Run(int first, int end, int lane)
    {
        nint row = (nint)_width * _channels, paddedRow = (nint)Width * _channels, left = (nint)frame.Left * _channels;
        for (int r = first; r < end; r++)
        {
            byte* to = _to + r * paddedRow * T.InputBytes;
            int y = r - frame.Top;
            if ((uint)y >= (uint)_height)
            {
                Fill(to, paddedRow);
                continue;
            }

            Fill(to, left);
            T.LoadInput(_from + y * row, to + left * T.InputBytes, row);
            Fill(to + (left + row) * T.InputBytes, (nint)frame.Right * _channels);
        }
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
internal readonly record struct ImageFrame(int Top, int Left, int Bottom, int Right)
{
    /// <summary>A window's padding.</summary>
    public static ImageFrame Of(Window window) => new(window.PadTop, window.PadLeft, window.PadBottom, window.PadRight);
}
