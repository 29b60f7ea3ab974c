using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Depthwise convolution of 32 channels at a time: VPMADDWD multiplies and adds two taps of sixteen channels. Any window; the last 32
/// channels may overlap the ones before them, and are computed twice.
/// </summary>
internal sealed unsafe class Avx512Depthwise : DepthwiseLayer
{
    private const int Block = 32;   // channels
    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _numbers;

    public Avx512Depthwise(Conv2DOp op, KernelContext context)
        : base(op, context)
    {
        int blocks = (Channels + Block - 1) / Block;
        _weights = new NativeBuffer((long)blocks * Taps * Block * sizeof(short));
        _numbers = new NativeBuffer((long)blocks * 2 * sizeof(Numbers));
        ReadOnlySpan<sbyte> weights = context.Model.Weights(op.Weights);
        for (int block = 0; block < blocks; block++)
        {
            Pack(op, context, weights, block);
        }
    }

    public override long PackedBytes => base.PackedBytes + _weights.Length + _numbers.Length;

    public override KernelChoice Choice => new("depthwise, 32 channels and two taps at a time", "one filter a channel; AVX-512 adds two products in 32 bits");

    /// <summary>Whether the processor and the layer have what it takes.</summary>
    public static bool CanRun(Conv2DOp op, KernelContext context) => Avx512BW.IsSupported && context.Info(op.Input).Shape[3] >= Block;

    protected override void Rows(int first, int rows, sbyte* x, nint inputRow, sbyte* y, int lane)
    {
        for (int c = 0, block = 0; c < Channels; c += Block, block++)
        {
            int channel = Math.Min(c, Channels - Block);
            short* weights = WeightsOf(block);
            Numbers* numbers = (Numbers*)_numbers.Pointer + 2 * block;
            for (int row = 0; row < rows; row++)
            {
                sbyte* from = x + row * inputRow + channel;
                sbyte* to = y + (nint)row * Width * Channels + channel;
                if (Stage.FixesTies)
                {
                    Row<TiesAwayFromZero>(from, to, weights, numbers);
                }
                else
                {
                    Row<TiesUp>(from, to, weights, numbers);
                }
            }
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _weights.Dispose();
        _numbers.Dispose();
    }

    /// <summary>32 channels of a row of pixels, two pixels at a time; an odd last one is computed twice.</summary>
    private void Row<T>(sbyte* x, sbyte* y, short* weights, Numbers* numbers)
        where T : struct, ITies
    {
        nint step = (nint)Window.StrideW * Channels, pixel = Channels;
        nint* offsets = Offsets;
        OutputStage stage = Stage;
        int pairs = Taps / 2;
        for (int width = Width; width > 0; width -= 2, x += 2 * step, y += 2 * pixel)
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

    private short* WeightsOf(int block) => (short*)_weights.Pointer + (nint)block * Taps * Block;

    private void Pack(Conv2DOp op, KernelContext context, ReadOnlySpan<sbyte> weights, int block)
    {
        Model model = context.Model;
        int taps = Window.KernelH * Window.KernelW, first = Math.Min(block * Block, Channels - Block);
        short* packed = WeightsOf(block);
        int* numbers = stackalloc int[4 * 16];
        for (int vector = 0; vector < 2; vector++)
        {
            for (int lane = 0; lane < 16; lane++)
            {
                int channel = first + ChannelOf(vector, lane);
                ReadOnlySpan<sbyte> filter = weights.Slice(channel * taps, taps);
                for (int t = 0; t < taps; t++)
                {
                    packed[(t / 2 * 2 + vector) * Block + 2 * lane + t % 2] = filter[t];
                }

                int shift = model.Int32Data(op.Shifts)[channel];
                numbers[lane] = FoldedBias.Of(filter, model.Int32Data(op.Bias)[channel], 0, context.Info(op.Input).ZeroPoint);
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
