using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EdgeConv.Runtime.Threading;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Depthwise convolution of 32 channels at a time: VPMADDWD multiplies and adds two taps of sixteen channels. Any window; the last 32
/// channels may overlap the ones before them, and are computed twice.
/// </summary>
internal sealed unsafe class Avx512Depthwise : Kernel, ISplitWork
{
    private const int Block = 32;   // channels
    private readonly Window _window;
    private readonly TensorInfo _input;
    private readonly TensorInfo _output;
    private readonly sbyte* _x;
    private readonly sbyte* _y;
    private readonly int _channels;
    private readonly int _pairs;
    private readonly PaddedImage<PlainInput> _image;
    private readonly OutputStage _stage;
    private readonly NativeBuffer _offsets;
    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _numbers;
    private readonly WorkerPool _workers;
    private sbyte* _from;   // what the threads work at
    private sbyte* _to;

    public Avx512Depthwise(Conv2DOp op, KernelContext context)
    {
        _window = op.Window;
        (_input, _output) = (context.Info(op.Input), context.Info(op.Output));
        _x = context.Activation(op.Input);
        _y = context.Activation(op.Output);
        _channels = _input.Shape[3];
        _workers = context.Workers;
        _image = new PaddedImage<PlainInput>(_input, new ImageFrame(_window.PadTop, _window.PadLeft, _window.PadBottom, _window.PadRight), context.Workers);
        _stage = new OutputStage(context.Model.Int32Data(op.Shifts), _output.ZeroPoint, op.Min, op.Max);

        // an odd tap has a partner that reads the first pixel and weighs nothing
        int taps = _window.KernelH * _window.KernelW;
        _pairs = (taps + 1) / 2;
        _offsets = new NativeBuffer(2 * _pairs * sizeof(nint));
        for (int t = 0; t < taps; t++)
        {
            (int ky, int kx) = (t / _window.KernelW, t % _window.KernelW);
            ((nint*)_offsets.Pointer)[t] = ((nint)ky * _window.DilationH * _image.Width + kx * _window.DilationW) * _channels;
        }

        int blocks = (_channels + Block - 1) / Block;
        _weights = new NativeBuffer((long)blocks * _pairs * 2 * Block * sizeof(short));
        _numbers = new NativeBuffer((long)blocks * 2 * sizeof(Numbers));
        for (int block = 0; block < blocks; block++)
        {
            Pack(op, context, block, taps);
        }
    }

    public override long ScratchBytes => _image.Bytes;

    public override long PackedBytes => _offsets.Length + _weights.Length + _numbers.Length;

    public override KernelChoice Choice => new("depthwise, 32 channels and two taps at a time", "one filter a channel; AVX-512 adds two products in 32 bits");

    /// <summary>Whether the processor and the layer have what it takes.</summary>
    public static bool CanRun(Conv2DOp op, KernelContext context) => Avx512BW.IsSupported && context.Info(op.Input).Shape[3] >= Block;

    public override void Run(byte* scratch)
    {
        nint imageBytes = (nint)_input.Shape[1] * _input.Shape[2] * _channels;
        (int rows, nint rowBytes) = (_output.Shape[1], (nint)_output.Shape[2] * _channels);
        for (int n = 0; n < _input.Shape[0]; n++)
        {
            _from = (sbyte*)_image.Load(_x + n * imageBytes, scratch);
            _to = _y + n * rows * rowBytes;
            _workers.Split(this, rows, (long)SplitCost.DepthwiseTap * _window.KernelH * _window.KernelW * rows * rowBytes);
        }
    }

    void ISplitWork.Run(int first, int end, int lane)
    {
        for (int c = 0, block = 0; c < _channels; c += Block, block++)
        {
            int channel = Math.Min(c, _channels - Block);
            short* weights = (short*)_weights.Pointer + (nint)block * _pairs * 2 * Block;
            Numbers* numbers = (Numbers*)_numbers.Pointer + 2 * block;
            for (int oy = first; oy < end; oy++)
            {
                sbyte* x = _from + (nint)oy * _window.StrideH * _image.Width * _channels + channel;
                sbyte* y = _to + (nint)oy * _output.Shape[2] * _channels + channel;
                if (_stage.FixesTies)
                {
                    Row<TiesAwayFromZero>(x, y, weights, numbers);
                }
                else
                {
                    Row<TiesUp>(x, y, weights, numbers);
                }
            }
        }
    }

    public override void Dispose()
    {
        _offsets.Dispose();
        _weights.Dispose();
        _numbers.Dispose();
    }

    /// <summary>32 channels of a row of pixels, two pixels at a time; an odd last one is computed twice.</summary>
    private void Row<T>(sbyte* x, sbyte* y, short* weights, Numbers* numbers)
        where T : struct, ITies
    {
        nint step = (nint)_window.StrideW * _channels, pixel = _channels;
        nint* offsets = (nint*)_offsets.Pointer;
        OutputStage stage = _stage;
        int pairs = _pairs;
        for (int width = _output.Shape[2]; width > 0; width -= 2, x += 2 * step, y += 2 * pixel)
        {
            (nint nextX, nint nextY) = width > 1 ? (step, pixel) : (0, 0);
            Vector512<int> a0 = numbers[0].Bias, a1 = numbers[1].Bias, b0 = a0, b1 = a1;
            short* w = weights;
            for (int pair = 0; pair < pairs; pair++, w += 2 * Block)
            {
                sbyte* at = x + offsets[2 * pair];
                sbyte* then = x + offsets[2 * pair + 1];
                Vector512<short> w0 = Vector512.Load(w), w1 = Vector512.Load(w + Block);
                Vector512<short> p = Load(at), q = Load(then), r = Load(at + nextX), s = Load(then + nextX);
                a0 += Avx512BW.MultiplyAddAdjacent(Avx512BW.UnpackLow(p, q), w0);
                a1 += Avx512BW.MultiplyAddAdjacent(Avx512BW.UnpackHigh(p, q), w1);
                b0 += Avx512BW.MultiplyAddAdjacent(Avx512BW.UnpackLow(r, s), w0);
                b1 += Avx512BW.MultiplyAddAdjacent(Avx512BW.UnpackHigh(r, s), w1);
            }

            Store(numbers[0].Channels.Requantize<T>(a0, stage), numbers[1].Channels.Requantize<T>(a1, stage), y);
            Store(numbers[0].Channels.Requantize<T>(b0, stage), numbers[1].Channels.Requantize<T>(b1, stage), y + nextY);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Load(sbyte* x) => Avx512BW.ConvertToVector512Int16(Vector256.Load(x));

    /// <summary>Brings the channels, four by four, into order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<sbyte> low, Vector128<sbyte> high, sbyte* y)
    {
        Sse2.UnpackLow(low.AsInt32(), high.AsInt32()).AsSByte().Store(y);
        Sse2.UnpackHigh(low.AsInt32(), high.AsInt32()).AsSByte().Store(y + 16);
    }

    /// <summary>The channel of a lane: of each eight, unpacking puts four into the first vector and four into the second.</summary>
    private static int ChannelOf(int vector, int lane) => lane / 4 * 8 + vector * 4 + lane % 4;

    private void Pack(Conv2DOp op, KernelContext context, int block, int taps)
    {
        Model model = context.Model;
        ReadOnlySpan<sbyte> weights = model.Weights(op.Weights);
        int first = Math.Min(block * Block, _channels - Block);
        int* numbers = stackalloc int[4 * 16];
        for (int vector = 0; vector < 2; vector++)
        {
            for (int lane = 0; lane < 16; lane++)
            {
                int channel = first + ChannelOf(vector, lane);
                ReadOnlySpan<sbyte> filter = weights.Slice(channel * taps, taps);
                for (int t = 0; t < taps; t++)
                {
                    nint at = (((nint)block * _pairs + t / 2) * 2 + vector) * Block + 2 * lane + t % 2;
                    ((short*)_weights.Pointer)[at] = filter[t];
                }

                int shift = model.Int32Data(op.Shifts)[channel];
                numbers[lane] = FoldedBias.Of(filter, model.Int32Data(op.Bias)[channel], 0, _input.ZeroPoint);
                numbers[16 + lane] = model.Int32Data(op.Multipliers)[channel];
                numbers[32 + lane] = Math.Max(shift, 0);
                numbers[48 + lane] = Math.Max(-shift, 0);
            }

            ((Numbers*)_numbers.Pointer)[2 * block + vector] = new Numbers(Vector512.Load(numbers),
                new SixteenChannels(Vector512.Load(numbers + 16), Vector512.Load(numbers + 32), Vector512.Load(numbers + 48)));
        }
    }

    /// <summary>Sixteen channels in the order of the lanes.</summary>
    private readonly struct Numbers(Vector512<int> bias, SixteenChannels channels)
    {
        public readonly Vector512<int> Bias = bias;
        public readonly SixteenChannels Channels = channels;
    }
}
