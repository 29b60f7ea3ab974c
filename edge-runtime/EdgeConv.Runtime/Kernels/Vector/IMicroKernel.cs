using System.Runtime.Intrinsics;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// What differs from one instruction set to the next in a convolution: how eight output channels are multiplied and requantized.
/// <see cref="TiledMultiply{T}"/> does everything else. To add an instruction set, write one of these and name it in
/// <see cref="KernelPath.All"/>.
/// </summary>
/// <remarks>
/// Weights come in panels of <see cref="Panel.Channels"/> output channels. A panel is a run of steps; a step holds
/// <see cref="ITapOrder.StepTaps"/> taps for each channel, in groups of <see cref="ITapOrder.AdjacentTaps"/>: [group][channel][tap of the group].
/// </remarks>
internal unsafe interface IMicroKernel : ITapOrder, IInputForm
{
    /// <summary>As the table of paths shows it.</summary>
    static abstract string Name { get; }

    static abstract bool IsSupported { get; }

    /// <summary>Output pixels that <see cref="Tile"/> computes at once.</summary>
    static abstract int TileRows { get; }

    /// <summary>accumulators[row][channel] = bias + sum over all taps, for up to <see cref="TileRows"/> rows.</summary>
    /// <param name="rows">First input byte of each row; TileRows entries, the last real one repeated.</param>
    /// <param name="count">Rows that are real. Computing the others as well does no harm.</param>
    /// <param name="segments">The runs of input bytes that a row reads.</param>
    /// <param name="weights">The panel's weights.</param>
    /// <param name="panel">Its numbers: the accumulators begin with the bias.</param>
    /// <param name="accumulators">TileRows x 8.</param>
    static abstract void Tile(byte** rows, int count, Segments segments, sbyte* weights, int* panel, int* accumulators);

    /// <summary>Output pixels that <see cref="TilePair"/> computes at once; 0 where an instruction set has no such form.</summary>
    static virtual int PairRows => 0;

    /// <summary>As <see cref="Tile"/> for two panels that lie one behind the other, so that each input is loaded once for both.</summary>
    /// <param name="rows">First input byte of each row; PairRows entries.</param>
    /// <param name="segments">The runs of input bytes that a row reads.</param>
    /// <param name="weights">The first panel's weights.</param>
    /// <param name="nextPanel">Bytes from there to the second panel's.</param>
    /// <param name="panel">The first panel's numbers; the second's follow.</param>
    /// <param name="first">PairRows x 8 of the first panel.</param>
    /// <param name="second">PairRows x 8 of the second.</param>
    static virtual void TilePair(byte** rows, Segments segments, sbyte* weights, nint nextPanel, int* panel, int* first, int* second) =>
        throw new System.Diagnostics.UnreachableException("PairRows is 0");

    /// <summary>The same for a single row: fully connected layers and what is left over.</summary>
    static abstract void Row(byte* row, Segments segments, sbyte* weights, int* panel, int* accumulators);

    /// <summary>Requantizes and stores eight bytes a row, row by row: what one spills the next overwrites. May read a row more.</summary>
    static abstract void Requantize(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride);

    /// <summary>Whether there is a <see cref="TilesToBytes"/> for a panel.</summary>
    static virtual bool FinishesTiles(int* panel) => false;

    /// <summary>Tile and Requantize of some times <see cref="TileRows"/> real rows in one: the sums stay in registers until they are bytes.</summary>
    static virtual void TilesToBytes(
        byte** rows, int tiles, Segments segments, sbyte* weights, int* panel, OutputStage stage, sbyte* output, nint outputStride) =>
        throw new System.Diagnostics.UnreachableException("FinishesTiles is false");

    /// <summary>Whether requantization gains by the numbers of a <see cref="FusedScale"/>; else panels must not have them.</summary>
    /// <param name="steps">Of a run of input.</param>
    /// <param name="isPooled">Whether only the maximum of some sums is requantized.</param>
    static virtual bool TakesFusedScale(int steps, bool isPooled) => false;

    /// <summary>A <see cref="VectorDepthwise{TKernel, TTaps, TSums}"/> over this instruction set's arithmetic.</summary>
    static abstract Kernel Depthwise(Conv2DOp op, KernelContext context);

    /// <summary>A <see cref="WinogradConv2D{T}"/> over this instruction set's arithmetic, or null where <see cref="VectorConv2D{T}"/> is quicker.</summary>
    static virtual Kernel? Winograd(Conv2DOp op, KernelContext context) => null;
}

/// <summary>The form in which a kernel reads its input.</summary>
internal unsafe interface IInputForm
{
    /// <summary>Bytes of one input element as <see cref="LoadInput"/> leaves it: 1, or 2 when it is widened.</summary>
    static abstract int InputBytes { get; }

    /// <summary>Added to each input element by <see cref="LoadInput"/>; the driver takes it back through the bias.</summary>
    static abstract int InputOffset { get; }

    /// <summary>Copies input elements to the form that the multiplications read.</summary>
    static abstract void LoadInput(sbyte* source, byte* destination, nint count);
}

/// <summary>The bytes as they are.</summary>
internal unsafe struct PlainInput : IInputForm
{
    public static int InputBytes => 1;

    public static int InputOffset => 0;

    /// <summary>128 bytes at a time: all loads before all stores, so that an A53 does not wait for each.</summary>
    public static void LoadInput(sbyte* source, byte* destination, nint count)
    {
        for (nint times = count / (8 * Vector128<sbyte>.Count); times != 0;)
        {
            Vector128<sbyte> a = Vector128.Load(source), b = Vector128.Load(source + 16), c = Vector128.Load(source + 32), d = Vector128.Load(source + 48);
            Vector128<sbyte> e = Vector128.Load(source + 64), f = Vector128.Load(source + 80), g = Vector128.Load(source + 96), h = Vector128.Load(source + 112);
            times--;   // so early that the loop need not wait for it
            source += 8 * Vector128<sbyte>.Count;
            a.Store((sbyte*)destination);
            b.Store((sbyte*)destination + 16);
            c.Store((sbyte*)destination + 32);
            d.Store((sbyte*)destination + 48);
            e.Store((sbyte*)destination + 64);
            f.Store((sbyte*)destination + 80);
            g.Store((sbyte*)destination + 96);
            h.Store((sbyte*)destination + 112);
            destination += 8 * Vector128<sbyte>.Count;
        }

        count %= 8 * Vector128<sbyte>.Count;
        if (count != 0)
        {
            Buffer.MemoryCopy(source, destination, count, count);
        }
    }
}

/// <summary>The order in which a micro-kernel reads its weights.</summary>
internal unsafe interface ITapOrder
{
    /// <summary>Taps that one step multiplies.</summary>
    static abstract int StepTaps { get; }

    /// <summary>Taps of one channel that lie side by side in a packed step.</summary>
    static abstract int AdjacentTaps { get; }

    /// <summary>Whether the kernel may add products of these packed weights in int16; asked once a panel, told by <see cref="Panel.FitsShortSums"/>.</summary>
    static virtual bool FitsShortSums(sbyte* packed, nint length) => false;
}

/// <summary>Runs of consecutive input bytes, all of the same length.</summary>
/// <param name="offsets">Bytes from a row's first byte to each run.</param>
/// <param name="count">Number of runs.</param>
/// <param name="steps">Steps of a run.</param>
internal readonly unsafe struct Segments(nint* offsets, int count, nint steps)
{
    public readonly nint* Offsets = offsets;
    public readonly int Count = count;
    public readonly nint Steps = steps;
}

/// <summary>What requantization needs beside the panel, and which of its steps may be left out.</summary>
internal readonly struct OutputStage
{
    public readonly int ZeroPoint;
    public readonly int Min;
    public readonly int Max;

    /// <summary>Whether a channel is shifted left.</summary>
    public readonly bool ShiftsLeft;

    /// <summary>
    /// Whether it matters how ties are rounded below zero. Either way gives 0 or less there, so with the zero point at most the minimum:
    /// the clamp makes both the same byte. So it is with ReLU.
    /// </summary>
    public readonly bool FixesTies;

    /// <summary>Whether <see cref="UpperHalf"/> is the same: ties do not matter, and the shifts are those for which it holds.</summary>
    public readonly bool TakesUpperHalf;

    /// <summary>The shortest way on NEON that is the same.</summary>
    public readonly OutputRounding Rounding;

    /// <param name="shifts">Of all channels.</param>
    /// <param name="zeroPoint">Of the output.</param>
    /// <param name="min">Of the fused activation.</param>
    /// <param name="max">Of the fused activation.</param>
    public OutputStage(ReadOnlySpan<int> shifts, int zeroPoint, int min, int max)
    {
        (ZeroPoint, Min, Max) = (zeroPoint, min, max);
        ShiftsLeft = shifts.ContainsAnyExceptInRange(int.MinValue, 0);
        FixesTies = min < zeroPoint;
        TakesUpperHalf = !FixesTies && UpperHalf.Fits(shifts);
        Rounding = ShiftsLeft ? OutputRounding.Any
            : FixesTies || !SteppedShift.Fits(shifts) ? OutputRounding.RightShift
            : zeroPoint == -128 && min == -128 && max == 127 ? OutputRounding.Unsigned : OutputRounding.Rectified;
    }
}

/// <summary>What is known of a layer's requantization. Each is a case of those before it.</summary>
internal enum OutputRounding : byte
{
    /// <summary>Nothing.</summary>
    Any,

    /// <summary>No channel is shifted left.</summary>
    RightShift,

    /// <summary>Ties below zero end at the minimum, and <see cref="SteppedShift"/> holds: int16 is enough for the last shift.</summary>
    Rectified,

    /// <summary>
    /// The output, less its zero point, is any of 0..255 besides: saturation to an unsigned byte is the clamp, and the zero point a flip of its
    /// top bit.
    /// </summary>
    Unsigned,
}

/// <summary>Eight output channels: bias, multiplier, left shift and right shift, eight int32 each, and what was proven of their weights.</summary>
internal static unsafe class Panel
{
    public const int Channels = 8;
    public const int Bias = 0;
    public const int Multiplier = 8;
    public const int LeftShift = 16;
    public const int RightShift = 24;

    /// <summary>Minus the right shift, as NEON's shift by a register wants it.</summary>
    public const int ShiftBy = 40;

    /// <summary>1 where <see cref="ITapOrder.FitsShortSums"/> holds.</summary>
    public const int FitsShortSums = 32;

    /// <summary>1 where the panel has the numbers of a <see cref="WinogradScale"/>: start, multiplier, and the factor as left shift.</summary>
    public const int IsOneStep = 33;

    /// <summary>One of <see cref="FusedSums"/>: whether the panel has the numbers of a <see cref="FusedScale"/>, in place of multiplier and shifts.</summary>
    public const int Fused = 35;
    public const int Addend = LeftShift;
    public const int Missed = RightShift;
    public const int Instead = ShiftBy;

    /// <summary>How many channels there are, as <see cref="PackedWeights{T}"/> leaves it; a kernel may leave the others out.</summary>
    public const int RealChannels = 34;

    /// <summary>Minus what is left of the right shift after <see cref="SteppedShift.First"/>, eight int16; or origins of a <see cref="LinearScale"/>.</summary>
    public const int ShortShiftBy = 36;
    public const int Ints = 48;   // a multiple of a cache line

    /// <summary>Panels that hold so many channels; the last one may not be full.</summary>
    public static int Count(int channels) => (channels + Channels - 1) / Channels;

    /// <summary>Fills a channel's column.</summary>
    public static void Set(int* panel, int channel, int bias, int multiplier, int shift)
    {
        panel[Bias + channel] = bias;
        panel[Multiplier + channel] = multiplier;
        panel[LeftShift + channel] = Math.Max(shift, 0);
        panel[RightShift + channel] = Math.Max(-shift, 0);
        panel[ShiftBy + channel] = Math.Min(shift, 0);
        ((short*)(panel + ShortShiftBy))[channel] = (short)Math.Min(shift + SteppedShift.First, 0);
    }

    /// <summary>Copies rows of a panel of which only some channels are real: four, two and one bytes at a time, never beyond the pixel.</summary>
    public static void CopyChannels(sbyte* partial, sbyte* output, nint outputStride, int count, int channels)
    {
        for (int row = 0; row < count; row++, partial += Channels, output += outputStride)
        {
            sbyte* from = partial;
            sbyte* to = output;
            if (channels == Channels)
            {
                *(long*)to = *(long*)from;
                continue;
            }

            if ((channels & 4) != 0)
            {
                *(int*)to = *(int*)from;
                from += 4;
                to += 4;
            }

            if ((channels & 2) != 0)
            {
                *(short*)to = *(short*)from;
                from += 2;
                to += 2;
            }

            if ((channels & 1) != 0)
            {
                *to = *from;
            }
        }
    }
}
