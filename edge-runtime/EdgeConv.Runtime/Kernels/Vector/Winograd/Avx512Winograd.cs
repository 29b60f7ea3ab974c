using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// F(4x4, 3x3) on 512 bits: sums of sixteen output channels are a vector, and VPMADDWD multiplies two input channels of each.
/// </summary>
internal unsafe struct Avx512Winograd<TWidth> : IWinogradKernel
    where TWidth : struct, IAvx512Width
{
    public static WinogradTile Tile => WinogradTile.Four;

    public static WinogradProcessor Processor => TWidth.Processor;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void TransformColumns(sbyte** rows, short* columns, nint stride, nint count)
    {
        sbyte* x0 = rows[0], x1 = rows[1], x2 = rows[2], x3 = rows[3], x4 = rows[4], x5 = rows[5];
        short* y1 = columns + stride, y2 = y1 + stride, y3 = y2 + stride, y4 = y3 + stride, y5 = y4 + stride;
        for (nint at = 0; at < count; at += Vector512<short>.Count)
        {
            Vector512<short> d1 = Widened(x1 + at), d2 = Widened(x2 + at), d3 = Widened(x3 + at), d4 = Widened(x4 + at);
            Vector512<short> e = d3 - d1, c = d4 - d2, p = d4 - (d2 << 2), q = d3 - (d1 << 2), twice = e + e;
            (((Widened(x0 + at) - d2) << 2) + c).Store(columns + at);
            (p + q).Store(y1 + at);
            (p - q).Store(y2 + at);
            (c + twice).Store(y3 + at);
            (c - twice).Store(y4 + at);
            (Widened(x5 + at) - d3 - (e << 2)).Store(y5 + at);
        }
    }

    /// <summary>A group of two tiles at a time, which lie side by side: half the stores of two groups of one tile.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void TransformRow(short* row, int channels, int tiles, short* inputs, nint position, nint group)
    {
        for (; tiles > 1; tiles -= 2, row += 2 * WinogradFour.Rows * channels, inputs += 2 * Panel.Channels)
        {
            short* x = row, y = inputs;
            for (int rest = channels; rest > 0; rest -= Panel.Channels, x += Panel.Channels, y += group)
            {
                Along(x, x + WinogradFour.Rows * channels, channels, out Vector256<short> t0, out Vector256<short> t1, out Vector256<short> t2,
                    out Vector256<short> t3, out Vector256<short> t4, out Vector256<short> t5);
                short* to = y;
                t0.Store(to);
                t1.Store(to += position);
                t2.Store(to += position);
                t3.Store(to += position);
                t4.Store(to += position);
                t5.Store(to + position);
            }
        }

        if (tiles > 0)
        {
            for (int rest = channels; rest > 0; rest -= Panel.Channels, row += Panel.Channels, inputs += group)
            {
                Along(row, row, channels, out Vector256<short> t0, out Vector256<short> t1, out Vector256<short> t2, out Vector256<short> t3,
                    out Vector256<short> t4, out Vector256<short> t5);
                short* to = inputs;
                t0.GetLower().Store(to);
                t1.GetLower().Store(to += position);
                t2.GetLower().Store(to += position);
                t3.GetLower().Store(to += position);
                t4.GetLower().Store(to += position);
                t5.GetLower().Store(to + position);
            }
        }
    }

    public static bool TransformsWeights => true;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void TransformWeights(sbyte* taps, nint vectors, short* weights, nint position)
    {
        const int Vector = 32, Row = WinogradTile.Taps * Vector;
        for (; vectors > 0; vectors--, taps += WinogradTile.Taps * Row, weights += Vector)
        {
            // down each column of the kernel, then along each of the six rows
            Spread(Widened(taps), Widened(taps + Row), Widened(taps + 2 * Row), out Vector512<short> a0, out Vector512<short> a1,
                out Vector512<short> a2, out Vector512<short> a3, out Vector512<short> a4, out Vector512<short> a5);
            Spread(Widened(taps + Vector), Widened(taps + Row + Vector), Widened(taps + 2 * Row + Vector), out Vector512<short> b0, out Vector512<short> b1,
                out Vector512<short> b2, out Vector512<short> b3, out Vector512<short> b4, out Vector512<short> b5);
            Spread(Widened(taps + 2 * Vector), Widened(taps + Row + 2 * Vector), Widened(taps + 2 * Row + 2 * Vector), out Vector512<short> c0, out Vector512<short> c1,
                out Vector512<short> c2, out Vector512<short> c3, out Vector512<short> c4, out Vector512<short> c5);
            short* to = weights;
            SpreadTo(a0, b0, c0, ref to, position);
            SpreadTo(a1, b1, c1, ref to, position);
            SpreadTo(a2, b2, c2, ref to, position);
            SpreadTo(a3, b3, c3, ref to, position);
            SpreadTo(a4, b4, c4, ref to, position);
            SpreadTo(a5, b5, c5, ref to, position);
        }
    }

    public static void Multiply(int tiles, int count, in TileProduct product) => Avx512TileMultiply.Run<TWidth>(tiles, count, product);

    public static void Store(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel) =>
        Avx512WinogradStore<TWidth>.Run(sums, tiles, panel, stage, y, row, pixel, isPooled: false);

    public static void StorePooled(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel) =>
        Avx512WinogradStore<TWidth>.Run(sums, tiles, panel, stage, y, row, pixel, isPooled: true);

    public static void Accumulate(int* sums, int* accumulators) => Avx512WinogradStore<TWidth>.Accumulate(sums, accumulators);

    public static void Requantize(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride) =>
        Avx512WinogradStore<TWidth>.Requantize(accumulators, rows, panel, stage, output, outputStride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Widened(sbyte* x) => Avx512BW.ConvertToVector512Int16(Vector256.Load(x));

    /// <summary>G' of three taps: rows [6 0 0] [-4 -4 -4] [-4 4 -4] [1 2 4] [1 -2 4] [0 0 3].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread(Vector512<short> g0, Vector512<short> g1, Vector512<short> g2, out Vector512<short> t0, out Vector512<short> t1,
        out Vector512<short> t2, out Vector512<short> t3, out Vector512<short> t4, out Vector512<short> t5)
    {
        Vector512<short> ends = g0 + g2, far = g0 + (g2 << 2), twice = g1 + g1;
        t0 = g0 * 6;
        t1 = (ends + g1) * -4;
        t2 = (g1 - ends) << 2;
        t3 = far + twice;
        t4 = far - twice;
        t5 = g2 * 3;
    }

    /// <summary>The same into six positions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SpreadTo(Vector512<short> g0, Vector512<short> g1, Vector512<short> g2, ref short* to, nint position)
    {
        Spread(g0, g1, g2, out Vector512<short> t0, out Vector512<short> t1, out Vector512<short> t2, out Vector512<short> t3, out Vector512<short> t4, out Vector512<short> t5);
        t0.Store(to);
        t1.Store(to += position);
        t2.Store(to += position);
        t3.Store(to += position);
        t4.Store(to += position);
        t5.Store(to += position);
        to += position;
    }

    /// <summary>B^T along eight channels of six pixels, of two tiles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Along(short* a, short* b, nint pixel, out Vector256<short> t0, out Vector256<short> t1, out Vector256<short> t2,
        out Vector256<short> t3, out Vector256<short> t4, out Vector256<short> t5)
    {
        nint pixel3 = 3 * pixel, pixel5 = 5 * pixel;
        Vector256<short> d1 = Both(a + pixel, b + pixel), d2 = Both(a + 2 * pixel, b + 2 * pixel), d3 = Both(a + pixel3, b + pixel3);
        Vector256<short> d4 = Both(a + 4 * pixel, b + 4 * pixel), e = d3 - d1, c = d4 - d2, p = d4 - (d2 << 2), q = d3 - (d1 << 2), twice = e + e;
        t0 = ((Both(a, b) - d2) << 2) + c;
        t1 = p + q;
        t2 = p - q;
        t3 = c + twice;
        t4 = c - twice;
        t5 = Both(a + pixel5, b + pixel5) - d3 - (e << 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Both(short* a, short* b) => Vector256.Create(Vector128.Load(a), Vector128.Load(b));
}

/// <summary>The choice of it.</summary>
internal static class Avx512Winograd
{
    private const double ColumnCycles = 6;   // of a ColumnImage

    /// <summary>Whether this machine has all of its instructions.</summary>
    public static bool IsSupported => Avx512BW.IsSupported;

    /// <summary>A layer of a path that has these instructions beside its own, or null where its direct kernel is quicker.</summary>
    /// <param name="op">The layer.</param>
    /// <param name="context">Its model.</param>
    /// <param name="directRate"><see cref="WinogradProcessor.DirectRate"/> of the direct kernel.</param>
    /// <param name="directOutputCycles"><see cref="WinogradProcessor.DirectOutputCycles"/> of the direct kernel.</param>
    public static Kernel? Prepare<TDirect>(Conv2DOp op, KernelContext context, double directRate, double directOutputCycles)
        where TDirect : struct, IMicroKernel
    {
        if (!IsSupported)
        {
            return null;
        }

        // 32 channels at once, unless half of the last ones would not be there, or threads would have nothing to divide
        int outputs = context.Info(op.Output).Shape[3] / op.Groups, panels = op.Groups * ((outputs + 31) / 32);
        bool isWide = (outputs - 1) % 32 >= 16 && panels >= context.Workers.Threads;
        WinogradProcessor processor = isWide ? WinogradProcessor.Avx512Wide : WinogradProcessor.Avx512;
        TensorInfo input = context.Info(op.Input);
        int width = op.Window.PadLeft + input.Shape[2] + op.Window.PadRight;
        processor = processor with
        {
            DirectRate = directRate,
            DirectOutputCycles = directOutputCycles,
            DirectLayerCycles = ColumnImage<TDirect>.Pays(op.Window, op.Groups, input, width) ? ColumnCycles * op.Window.OutputH(input.Shape[1]) * width : 0,
        };
        return WinogradPlan.Choose(op, context, processor) switch
        {
            null => null,
            { } plan when isWide => new WinogradConv2D<Avx512Winograd<TwoVectors>>(op, context, plan),
            { } plan => new WinogradConv2D<Avx512Winograd<OneVector>>(op, context, plan),
        };
    }
}
