using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// F(2x2, 3x3) on NEON without dot product. A tile has four pixels, as many as <see cref="NeonFourRows{TRounding}"/> requantizes side by side.
/// </summary>
internal unsafe struct NeonWinogradTwo : IWinogradKernel
{
    private const int PositionRow = (WinogradTwo.Rows + 2) * Panel.Channels;
    private const int PooledAtOnce = 4;

    public static WinogradTile Tile => WinogradTile.Two;

    public static WinogradProcessor Processor => WinogradProcessor.CortexA53;

    /// <summary>B^T: [1 0 -1 0] [0 1 1 0] [0 -1 1 0] [0 -1 0 1].</summary>
    public static void TransformColumns(sbyte** rows, short* columns, nint stride, nint count)
    {
        sbyte* x0 = rows[0], x1 = rows[1], x2 = rows[2], x3 = rows[3];
        short* y1 = columns + stride, y2 = y1 + stride, y3 = y2 + stride;
        for (nint at = 0; at < count; at += 16)
        {
            Vector128<sbyte> d1 = AdvSimd.LoadVector128(x1 + at), d2 = AdvSimd.LoadVector128(x2 + at);
            Vector128<sbyte> d0 = AdvSimd.LoadVector128(x0 + at), d3 = AdvSimd.LoadVector128(x3 + at);
            Vector128<short> b1 = AdvSimd.AddWideningUpper(d1, d2), b2 = AdvSimd.SubtractWideningUpper(d2, d1);
            Vector128<short> b0 = AdvSimd.SubtractWideningUpper(d0, d2), b3 = AdvSimd.SubtractWideningUpper(d3, d1);
            Vector64<sbyte> l1 = d1.GetLower(), l2 = d2.GetLower();   // upper halves are done with: no copies
            Vector128<short> a1 = AdvSimd.AddWideningLower(l1, l2), a2 = AdvSimd.SubtractWideningLower(l2, l1);
            Vector128<short> a0 = AdvSimd.SubtractWideningLower(d0.GetLower(), l2), a3 = AdvSimd.SubtractWideningLower(d3.GetLower(), l1);
            AdvSimd.Arm64.StorePair(y1 + at, a1, b1);
            AdvSimd.Arm64.StorePair(y2 + at, a2, b2);
            AdvSimd.Arm64.StorePair(columns + at, a0, b0);
            AdvSimd.Arm64.StorePair(y3 + at, a3, b3);
        }
    }

    /// <summary>Two vectors, a and b, side by side.</summary>
    public static void TransformRow(short* row, int channels, int tiles, short* inputs, nint position, nint group)
    {
        nint x1 = channels, x2 = 2 * x1, x3 = 3 * x1, y1 = position, y2 = 2 * y1, y3 = 3 * y1;
        for (; tiles > 0; tiles--, row += WinogradTwo.Rows * channels, inputs += Panel.Channels)
        {
            short* xa = row, ya = inputs;
            for (int rest = channels; rest > 0; rest -= 16, xa += 16, ya += 2 * group)
            {
                // an odd last group is done twice
                short* xb = rest > 8 ? xa + 8 : xa, yb = rest > 8 ? ya + group : ya;
                Vector128<short> a1 = AdvSimd.LoadVector128(xa + x1), b1 = AdvSimd.LoadVector128(xb + x1);
                Vector128<short> a2 = AdvSimd.LoadVector128(xa + x2), b2 = AdvSimd.LoadVector128(xb + x2);
                Vector128<short> a0 = AdvSimd.LoadVector128(xa), b0 = AdvSimd.LoadVector128(xb);
                Vector128<short> a3 = AdvSimd.LoadVector128(xa + x3), b3 = AdvSimd.LoadVector128(xb + x3);
                Vector128<short> pa = AdvSimd.Add(a1, a2), pb = AdvSimd.Add(b1, b2), qa = AdvSimd.Subtract(a2, a1), qb = AdvSimd.Subtract(b2, b1);
                a0 = AdvSimd.Subtract(a0, a2);
                b0 = AdvSimd.Subtract(b0, b2);
                a3 = AdvSimd.Subtract(a3, a1);
                b3 = AdvSimd.Subtract(b3, b1);
                AdvSimd.Store(ya + y1, pa);
                AdvSimd.Store(yb + y1, pb);
                AdvSimd.Store(ya + y2, qa);
                AdvSimd.Store(yb + y2, qb);
                AdvSimd.Store(ya, a0);
                AdvSimd.Store(yb, b0);
                AdvSimd.Store(ya + y3, a3);
                AdvSimd.Store(yb + y3, b3);
            }
        }
    }

    public static void Multiply(int tiles, int count, in TileProduct product) => NeonTileMultiply<WinogradTwoSums>.Run(tiles, count, product);

    public static void Store(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel)
    {
        var rounded = new Tiles(sums, tiles, panel, stage, y, row, pixel);
        NeonRounding.Choose(stage.Rounding, ref rounded);
    }

    public static void StorePooled(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel)
    {
        var rounded = new PooledTiles(sums, tiles, panel, stage, y, pixel);
        NeonRounding.Choose(stage.Rounding, ref rounded);
    }

    public static void Accumulate(int* sums, int* accumulators)
    {
        Pixels(sums, default, out NeonSums s0, out NeonSums s1, out NeonSums s2, out NeonSums s3);
        Add(Divided(s0), accumulators);
        Add(Divided(s1), accumulators + Panel.Channels);
        Add(Divided(s2), accumulators + 2 * Panel.Channels);
        Add(Divided(s3), accumulators + 3 * Panel.Channels);
    }

    public static void Requantize(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride) =>
        NeonRequantize.Rows(accumulators, rows, panel, stage, output, outputStride);

    private static void Add(NeonSums sums, int* accumulators)
    {
        AdvSimd.Store(accumulators, AdvSimd.Add(AdvSimd.LoadVector128(accumulators), sums.Low));
        AdvSimd.Store(accumulators + 4, AdvSimd.Add(AdvSimd.LoadVector128(accumulators + 4), sums.High));
    }

    /// <summary>A'^T down and along: four times the accumulators of a tile's pixels, row by row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pixels(int* sums, NeonSums bias, out NeonSums s0, out NeonSums s1, out NeonSums s2, out NeonSums s3)
    {
        Columns(sums + Panel.Channels, sums + 2 * Panel.Channels, out NeonSums upper1, out NeonSums lower1, out NeonSums upper2, out NeonSums lower2);
        upper1 = Sum(upper1, bias);
        lower1 = Sum(lower1, bias);
        s0 = Sum(upper1, upper2);
        s1 = Difference(upper1, upper2);
        s2 = Sum(lower1, lower2);
        s3 = Difference(lower1, lower2);
        Columns(sums, sums + 3 * Panel.Channels, out NeonSums upper0, out NeonSums lower0, out NeonSums upper3, out NeonSums lower3);
        s0 = Sum(s0, upper0);
        s1 = Sum(s1, upper3);
        s2 = Sum(s2, lower0);
        s3 = Sum(s3, lower3);
    }

    /// <summary>A'^T of two columns, side by side: [1 1 1 0] [0 1 -1 1].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Columns(int* p, int* q, out NeonSums upperP, out NeonSums lowerP, out NeonSums upperQ, out NeonSums lowerQ)
    {
        NeonSums p1 = At(p, 1), p2 = At(p, 2), q1 = At(q, 1), q2 = At(q, 2);
        upperP = Sum(p1, p2);
        upperQ = Sum(q1, q2);
        lowerP = Difference(p1, p2);
        lowerQ = Difference(q1, q2);
        NeonSums p0 = At(p, 0), q0 = At(q, 0), p3 = At(p, 3), q3 = At(q, 3);
        upperP = Sum(upperP, p0);
        upperQ = Sum(upperQ, q0);
        lowerP = Sum(lowerP, p3);
        lowerQ = Sum(lowerQ, q3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static NeonSums At(int* column, int row) =>
        new(AdvSimd.LoadVector128(column + row * PositionRow), AdvSimd.LoadVector128(column + row * PositionRow + 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static NeonSums Sum(NeonSums a, NeonSums b) => new(AdvSimd.Add(a.Low, b.Low), AdvSimd.Add(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static NeonSums Difference(NeonSums a, NeonSums b) => new(AdvSimd.Subtract(a.Low, b.Low), AdvSimd.Subtract(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static NeonSums Largest(NeonSums a, NeonSums b) => new(AdvSimd.Max(a.Low, b.Low), AdvSimd.Max(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static NeonSums Divided(NeonSums a) =>
        new(AdvSimd.ShiftRightArithmetic(a.Low, WinogradTwo.Shift), AdvSimd.ShiftRightArithmetic(a.High, WinogradTwo.Shift));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static NeonSums Bias(int* panel) => new(AdvSimd.LoadVector128(panel + Panel.Bias), AdvSimd.LoadVector128(panel + Panel.Bias + 4));

    private readonly struct Tiles(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel) : INeonRounded
    {
        public void Run<TRounding>()
            where TRounding : struct, INeonRounding
        {
            int* from = sums;
            sbyte* to = y;
            for (int rest = tiles; rest > 0; rest--, from += WinogradTwo.TileSums, to += 2 * pixel)
            {
                Pixels(from, Bias(panel), out NeonSums s0, out NeonSums s1, out NeonSums s2, out NeonSums s3);
                (s0, s1, s2, s3) = (Divided(s0), Divided(s1), Divided(s2), Divided(s3));
                NeonFourRows<TRounding>.Scale(ref s0, ref s1, ref s2, ref s3, panel);
                NeonFourRows<TRounding>.StoreTwice(s0, s1, s2, s3, panel, stage, to, to + row, pixel);
            }
        }
    }

    /// <summary>Four times the accumulators have their order, so the maximum is taken there; four tiles at a time.</summary>
    private readonly struct PooledTiles(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint pixel) : INeonRounded
    {
        public void Run<TRounding>()
            where TRounding : struct, INeonRounding
        {
            long* few = stackalloc long[PooledAtOnce];
            for (int first = 0; first < tiles; first += PooledAtOnce)
            {
                int last = tiles - 1;
                NeonSums s0 = Pooled(first), s1 = Pooled(Math.Min(first + 1, last)), s2 = Pooled(Math.Min(first + 2, last)), s3 = Pooled(Math.Min(first + 3, last));
                NeonFourRows<TRounding>.Scale(ref s0, ref s1, ref s2, ref s3, panel);
                bool isWhole = first + PooledAtOnce <= tiles;
                sbyte* to = y + first * pixel;
                NeonFourRows<TRounding>.Store(s0, s1, s2, s3, panel, stage, isWhole ? to : (sbyte*)few, isWhole ? pixel : sizeof(long));
                if (!isWhole)
                {
                    Panel.CopyChannels((sbyte*)few, to, pixel, tiles - first, Panel.Channels);
                }
            }
        }

        private NeonSums Pooled(int tile)
        {
            Pixels(sums + tile * WinogradTwo.TileSums, Bias(panel), out NeonSums s0, out NeonSums s1, out NeonSums s2, out NeonSums s3);
            return Divided(Largest(Largest(s0, s1), Largest(s2, s3)));
        }
    }
}
