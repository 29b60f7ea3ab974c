using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// From sums to bytes on 512 bits, sixteen channels at a time: A'^T along six rows of positions and down the columns, division and scaling, all in
/// registers.
/// </summary>
internal static unsafe class Avx512WinogradStore<TWidth>
    where TWidth : struct, IAvx512Width
{
    private const int Channels = 16;
    private const int Pixels = WinogradFour.Rows * WinogradFour.Rows;

    private static int Stride => TWidth.Vectors * Channels;

    private static int TileSums => WinogradFour.Positions * Stride;

    /// <summary>As <see cref="IWinogradKernel.Store"/> and, pooled, <see cref="IWinogradKernel.StorePooled"/>.</summary>
    public static void Run(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel, bool isPooled)
    {
        for (int i = 0; i < TWidth.Vectors; i++, sums += Channels, panel += 2 * Panel.Ints, y += Channels)
        {
            switch (Avx512WinogradScaling.Fits(panel, stage), isPooled, stage.FixesTies)
            {
                case (false, _, _):
                    ByTheRule(sums, tiles, panel, stage, y, row, pixel, isPooled);
                    break;
                case (_, false, false):
                    Run<TiesUp>(sums, tiles, panel, stage, y, row, pixel);
                    break;
                case (_, false, true):
                    Run<TiesAwayFromZero>(sums, tiles, panel, stage, y, row, pixel);
                    break;
                case (_, true, false):
                    RunPooled<TiesUp>(sums, tiles, panel, stage, y, row, pixel);
                    break;
                default:
                    RunPooled<TiesAwayFromZero>(sums, tiles, panel, stage, y, row, pixel);
                    break;
            }
        }
    }

    /// <summary>accumulators[pixel][channels] += sums, brought back and divided.</summary>
    public static void Accumulate(int* sums, int* accumulators)
    {
        for (int i = 0; i < TWidth.Vectors; i++)
        {
            AccumulateVector(sums + i * Channels, accumulators + i * Channels);
        }
    }

    /// <summary>Accumulators as they are, by the two-rounding rule.</summary>
    public static void Requantize(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride)
    {
        for (int i = 0; i < TWidth.Vectors; i++)
        {
            RequantizeVector(accumulators + i * Channels, rows, panel + 2 * i * Panel.Ints, stage, output + i * Channels, outputStride);
        }
    }

    private static void AccumulateVector(int* sums, int* accumulators)
    {
        Middle(sums, default, out Avx512Row s, out Avx512Row d, out Avx512Row u, out Avx512Row w);
        Add(Top(sums, s, u), accumulators);
        Add(d + w + w, accumulators + 4 * Stride);
        Add(s + u.Shifted(2), accumulators + 8 * Stride);
        Add(Bottom(sums, d, w), accumulators + 12 * Stride);
    }

    private static void RequantizeVector(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride)
    {
        var channels = new SixteenChannels(
            Avx512WinogradScaling.Both(panel, Panel.Multiplier), Avx512WinogradScaling.Both(panel, Panel.LeftShift), Avx512WinogradScaling.Both(panel, Panel.RightShift));
        for (; rows > 0; rows--, accumulators += Stride, output += outputStride)
        {
            Vector512<int> x = Vector512.Load(accumulators);
            (stage.FixesTies ? channels.Requantize<TiesAwayFromZero>(x, stage) : channels.Requantize<TiesUp>(x, stage)).Store(output);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Run<T>(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel)
        where T : struct, ITies
    {
        var scaling = new Avx512WinogradScaling(panel, stage.ZeroPoint);
        Vector512<int> bias = Avx512WinogradScaling.Both(panel, Panel.Bias), inverse = Vector512.Create(WinogradFour.InverseOfNine);
        Vector512<sbyte> min = Vector512.Create((sbyte)stage.Min), max = Vector512.Create((sbyte)stage.Max);
        nint row2 = 2 * row, row3 = 3 * row;
        for (; tiles > 0; tiles--, sums += TileSums, y += WinogradFour.Rows * pixel)
        {
            Middle(sums, bias, out Avx512Row s, out Avx512Row d, out Avx512Row u, out Avx512Row w);
            Store(scaling.ToBytes<T>((d + w + w).Times(inverse)), min, max, y + row, pixel);
            Store(scaling.ToBytes<T>(Bottom(sums, d, w).Times(inverse)), min, max, y + row3, pixel);
            Store(scaling.ToBytes<T>((s + u.Shifted(2)).Times(inverse)), min, max, y + row2, pixel);
            Store(scaling.ToBytes<T>(Top(sums, s, u).Times(inverse)), min, max, y, pixel);
        }
    }

    /// <summary>64 times the accumulators have their order, so the maximum is taken there.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void RunPooled<T>(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel)
        where T : struct, ITies
    {
        var scaling = new Avx512WinogradScaling(panel, stage.ZeroPoint);
        Vector512<int> bias = Avx512WinogradScaling.Both(panel, Panel.Bias), inverse = Vector512.Create(WinogradFour.InverseOfNine);
        Vector512<sbyte> min = Vector512.Create((sbyte)stage.Min), max = Vector512.Create((sbyte)stage.Max);
        for (; tiles > 0; tiles--, sums += TileSums, y += WinogradFour.Rows / 2 * pixel)
        {
            Vector512<sbyte> bytes = Vector512.Min(Vector512.Max(scaling.ToBytes<T>(Maxima(sums, bias, inverse)), min), max);
            bytes.GetLower().GetLower().Store(y);
            bytes.GetLower().GetUpper().Store(y + pixel);
            bytes.GetUpper().GetLower().Store(y + row);
            bytes.GetUpper().GetUpper().Store(y + row + pixel);
        }
    }

    /// <summary>Layers with left shifts, or right shifts out of the ordinary.</summary>
    private static void ByTheRule(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel, bool isPooled)
    {
        Vector512<int> bias = Avx512WinogradScaling.Both(panel, Panel.Bias), inverse = Vector512.Create(WinogradFour.InverseOfNine);
        int size = isPooled ? WinogradFour.Rows / 2 : WinogradFour.Rows;
        int* accumulators = stackalloc int[Pixels * Stride];
        for (; tiles > 0; tiles--, sums += TileSums, y += size * pixel)
        {
            new Span<int>(accumulators, Pixels * Stride).Clear();
            if (isPooled)
            {
                Avx512Row windows = Maxima(sums, bias, inverse);
                Add(windows.C0, accumulators);
                Add(windows.C1, accumulators + Stride);
                Add(windows.C2, accumulators + 2 * Stride);
                Add(windows.C3, accumulators + 3 * Stride);
            }
            else
            {
                Vector512<int> first = Vector512.Load(sums + Position(1, 1)) + bias;
                first.Store(sums + Position(1, 1));
                AccumulateVector(sums, accumulators);
            }

            for (int i = 0; i < size; i++)
            {
                RequantizeVector(accumulators + i * size * Stride, size, panel, stage, y + i * row, pixel);
            }
        }
    }

    /// <summary>Sum and difference of rows 1 and 2 of positions, and of rows 3 and 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Middle(int* sums, Vector512<int> bias, out Avx512Row sum, out Avx512Row difference, out Avx512Row farSum, out Avx512Row farDifference)
    {
        Avx512Row a = Along(sums, 1, bias), b = Along(sums, 2, default);
        (sum, difference) = (a + b, a - b);
        a = Along(sums, 3, default);
        b = Along(sums, 4, default);
        (farSum, farDifference) = (a + b, a - b);
    }

    /// <summary>Row 0 of the output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Avx512Row Top(int* sums, in Avx512Row sum, in Avx512Row farSum) => Along(sums, 0, default) + sum + farSum;

    /// <summary>Row 3 of the output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Avx512Row Bottom(int* sums, in Avx512Row difference, in Avx512Row farDifference) =>
        (farDifference + Along(sums, 5, default)).Shifted(3) + difference;

    /// <summary>The maximum of each two by two pixels, 64 times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Avx512Row Maxima(int* sums, Vector512<int> bias, Vector512<int> inverse)
    {
        Middle(sums, bias, out Avx512Row s, out Avx512Row d, out Avx512Row u, out Avx512Row w);
        Avx512Row upper = Avx512Row.Max(Top(sums, s, u).Times(inverse), (d + w + w).Times(inverse));
        Avx512Row lower = Avx512Row.Max((s + u.Shifted(2)).Times(inverse), Bottom(sums, d, w).Times(inverse));
        return Avx512Row.MaxOfPairs(upper, lower);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Avx512Row Along(int* sums, int row, Vector512<int> bias)
    {
        int* p = sums + Position(row, 0);
        return Avx512Row.Along(At(p, 0), At(p, 1) + bias, At(p, 2), At(p, 3), At(p, 4), At(p, 5));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> At(int* row, int position) => Vector512.Load(row + position * Stride);

    private static int Position(int row, int column) => (row * (WinogradFour.Rows + 2) + column) * Stride;

    /// <summary>One row of pixels, sixteen channels each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<sbyte> bytes, Vector512<sbyte> min, Vector512<sbyte> max, sbyte* y, nint pixel)
    {
        bytes = Vector512.Min(Vector512.Max(bytes, min), max);
        bytes.GetLower().GetLower().Store(y);
        bytes.GetLower().GetUpper().Store(y + pixel);
        bytes.GetUpper().GetLower().Store(y + 2 * pixel);
        bytes.GetUpper().GetUpper().Store(y + 3 * pixel);
    }

    /// <summary>One row of pixels, divided.</summary>
    private static void Add(Avx512Row row, int* accumulators)
    {
        row = row.Times(Vector512.Create(WinogradFour.InverseOfNine));
        Add(row.C0, accumulators);
        Add(row.C1, accumulators + Stride);
        Add(row.C2, accumulators + 2 * Stride);
        Add(row.C3, accumulators + 3 * Stride);
    }

    private static void Add(Vector512<int> pixel, int* accumulators) =>
        (Vector512.Load(accumulators) + (pixel >> WinogradFour.Shift)).Store(accumulators);
}
