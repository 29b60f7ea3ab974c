using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Depthwise convolution with one filter a channel: eight channels at a time, four output pixels of a row at a time. Products of int8 fit
/// int16 and are summed in int32. Requantization is the path's own.
/// </summary>
internal sealed unsafe class VectorDepthwise<T> : Kernel
    where T : struct, IMicroKernel
{
    private const int Pixels = 4;
    private readonly Conv2DOp _op;
    private readonly sbyte* _x;
    private readonly sbyte* _y;
    private readonly TensorInfo _input;
    private readonly TensorInfo _output;
    private readonly int _channels;
    private readonly int _paddedH;
    private readonly int _paddedW;
    private readonly OutputStage _stage;
    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _panels;

    public VectorDepthwise(Conv2DOp op, KernelContext context)
    {
        _op = op;
        _input = context.Info(op.Input);
        _output = context.Info(op.Output);
        _x = context.Activation(op.Input);
        _y = context.Activation(op.Output);
        _channels = _input.Shape[3];
        (_paddedH, _paddedW) = (_input.Shape[1] + op.Window.PadTop + op.Window.PadBottom, _input.Shape[2] + op.Window.PadLeft + op.Window.PadRight);
        _stage = new OutputStage(_output.ZeroPoint, op.Min, op.Max);

        // [panel][tap][8 channels]; channels beyond the last stay 0
        int panels = (_channels + Panel.Channels - 1) / Panel.Channels, taps = op.Window.KernelH * op.Window.KernelW;
        _weights = new NativeBuffer((long)panels * taps * Panel.Channels);
        _panels = new NativeBuffer((long)panels * Panel.Ints * sizeof(int));
        ReadOnlySpan<sbyte> weights = context.Model.Weights(op.Weights);
        for (int c = 0; c < _channels; c++)
        {
            for (int t = 0; t < taps; t++)
            {
                ((sbyte*)_weights.Pointer)[(c / Panel.Channels * taps + t) * Panel.Channels + c % Panel.Channels] = weights[c * taps + t];
            }

            int* panel = (int*)_panels.Pointer + c / Panel.Channels * Panel.Ints;
            int bias = FoldedBias.Of(weights.Slice(c * taps, taps), context.Model.Int32Data(op.Bias)[c], 0, _input.ZeroPoint);
            Panel.Set(panel, c % Panel.Channels, bias, context.Model.Int32Data(op.Multipliers)[c], context.Model.Int32Data(op.Shifts)[c]);
        }
    }

    /// <summary>The padded image, and room to read eight channels of its last pixel.</summary>
    public override long ScratchBytes => _op.Window.HasPadding ? (long)_paddedH * _paddedW * _channels + Panel.Channels : 0;

    public override long PackedBytes => _weights.Length + _panels.Length;

    /// <summary>Whether a convolution is of this kind.</summary>
    public static bool CanRun(Conv2DOp op, KernelContext context) =>
        op.Groups == context.Info(op.Input).Shape[3] && op.Groups == context.Info(op.Output).Shape[3] && op.Groups > 1;

    public override void Run(byte* scratch)
    {
        int imageBytes = _input.Shape[1] * _input.Shape[2] * _channels, outBytes = _output.Shape[1] * _output.Shape[2] * _channels;
        for (int n = 0; n < _input.Shape[0]; n++)
        {
            sbyte* image = _x + (nint)n * imageBytes;
            if (_op.Window.HasPadding)
            {
                LoadImage(image, (sbyte*)scratch);
                image = (sbyte*)scratch;
            }

            for (int oy = 0; oy < _output.Shape[1]; oy++)
            {
                Row(image + (nint)oy * _op.Window.StrideH * _paddedW * _channels, _y + (nint)n * outBytes + (nint)oy * _output.Shape[2] * _channels);
            }
        }
    }

    public override void Dispose()
    {
        _weights.Dispose();
        _panels.Dispose();
    }

    private void Row(sbyte* image, sbyte* y)
    {
        int* accumulators = stackalloc int[Pixels * Panel.Channels];
        sbyte* bytes = stackalloc sbyte[Pixels * Panel.Channels];
        int taps = _op.Window.KernelH * _op.Window.KernelW, outW = _output.Shape[2];
        for (int first = 0; first < _channels; first += Panel.Channels)
        {
            int panel = first / Panel.Channels, real = Math.Min(Panel.Channels, _channels - first);
            sbyte* weights = (sbyte*)_weights.Pointer + (nint)panel * taps * Panel.Channels;
            for (int ox = 0; ox < outW; ox += Pixels)
            {
                int count = Math.Min(Pixels, outW - ox);
                for (int i = 0; i < count; i++)
                {
                    Pixel(image + (nint)(ox + i) * _op.Window.StrideW * _channels + first, weights, accumulators + i * Panel.Channels);
                }

                T.Requantize(accumulators, count, (int*)_panels.Pointer + panel * Panel.Ints, _stage, bytes, Panel.Channels);
                for (int i = 0; i < count; i++)
                {
                    Buffer.MemoryCopy(bytes + i * Panel.Channels, y + (nint)(ox + i) * _channels + first, real, real);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Pixel(sbyte* x, sbyte* weights, int* accumulators)
    {
        Vector128<int> low = default, high = default;
        for (int ky = 0; ky < _op.Window.KernelH; ky++)
        {
            sbyte* tap = x + (nint)ky * _op.Window.DilationH * _paddedW * _channels;
            for (int kx = 0; kx < _op.Window.KernelW; kx++, tap += (nint)_op.Window.DilationW * _channels, weights += Panel.Channels)
            {
                Vector128<short> product = Widen(tap) * Widen(weights);
                low += Vector128.WidenLower(product);
                high += Vector128.WidenUpper(product);
            }
        }

        low.Store(accumulators);
        high.Store(accumulators + 4);
    }

    private void LoadImage(sbyte* x, sbyte* image)
    {
        Window w = _op.Window;
        int row = _input.Shape[2] * _channels;
        new Span<sbyte>(image, _paddedH * _paddedW * _channels).Fill((sbyte)_input.ZeroPoint);
        for (int r = 0; r < _input.Shape[1]; r++)
        {
            Buffer.MemoryCopy(x + (nint)r * row, image + ((nint)(r + w.PadTop) * _paddedW + w.PadLeft) * _channels, row, row);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Widen(sbyte* bytes) => Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)bytes).AsSByte());
}
