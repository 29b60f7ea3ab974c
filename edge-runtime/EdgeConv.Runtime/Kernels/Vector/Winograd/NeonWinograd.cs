using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Winograd's algorithm on NEON without dot product. Two vectors, a and b, go side by side through the transforms: on the in-order A53 a result
/// is ready four cycles later, and RyuJIT keeps the order in which instructions are written here.
/// </summary>
internal unsafe struct NeonWinograd : IWinogradKernel
{
    public static WinogradTile Tile => WinogradTile.Four;

    public static WinogradProcessor Processor => WinogradProcessor.CortexA53;

    public static void TransformColumns(sbyte** rows, short* columns, nint stride, nint count)
    {
        sbyte* x0 = rows[0], x1 = rows[1], x2 = rows[2], x3 = rows[3], x4 = rows[4], x5 = rows[5], y = (sbyte*)columns;
        nint y1 = stride * sizeof(short), y2 = 2 * y1, y3 = 3 * y1, y4 = 4 * y1, y5 = 5 * y1;
        Vector128<short> three = Vector128.Create((short)3);
        for (nint at = 0; at < count; at += 16, y += 32)
        {
            Vector128<sbyte> d1 = AdvSimd.LoadVector128(x1 + at), d3 = AdvSimd.LoadVector128(x3 + at), d2 = AdvSimd.LoadVector128(x2 + at);
            Vector128<sbyte> d4 = AdvSimd.LoadVector128(x4 + at), d0 = AdvSimd.LoadVector128(x0 + at), d5 = AdvSimd.LoadVector128(x5 + at);
            Vector128<short> eb = AdvSimd.SubtractWideningUpper(d3, d1), cb = AdvSimd.SubtractWideningUpper(d4, d2);
            Vector128<short> b1 = AdvSimd.AddWideningUpper(d1, d2), b2 = AdvSimd.SubtractWideningUpper(d1, d2);
            Vector128<short> b0 = AdvSimd.SubtractWideningUpper(d0, d2), b5 = AdvSimd.SubtractWideningUpper(d5, d3);
            Vector64<sbyte> l1 = d1.GetLower(), l2 = d2.GetLower(), l3 = d3.GetLower();   // upper halves are done with: no copies
            Vector128<short> ea = AdvSimd.SubtractWideningLower(l3, l1), ca = AdvSimd.SubtractWideningLower(d4.GetLower(), l2);
            Vector128<short> a1 = AdvSimd.AddWideningLower(l1, l2), a2 = AdvSimd.SubtractWideningLower(l1, l2);
            Vector128<short> a0 = AdvSimd.SubtractWideningLower(d0.GetLower(), l2), a5 = AdvSimd.SubtractWideningLower(d5.GetLower(), l3);

            Vector128<short> pb = AdvSimd.Add(cb, eb), pa = AdvSimd.Add(ca, ea), qb = AdvSimd.Subtract(cb, eb), qa = AdvSimd.Subtract(ca, ea);
            Vector128<short> tb = AdvSimd.Add(eb, eb), ta = AdvSimd.Add(ea, ea);
            b0 = AdvSimd.ShiftLeftLogical(b0, 2);
            a0 = AdvSimd.ShiftLeftLogical(a0, 2);
            eb = AdvSimd.ShiftLeftLogical(eb, 2);
            ea = AdvSimd.ShiftLeftLogical(ea, 2);
            pb = AdvSimd.MultiplySubtract(pb, b1, three);
            pa = AdvSimd.MultiplySubtract(pa, a1, three);
            qb = AdvSimd.MultiplyAdd(qb, b2, three);
            qa = AdvSimd.MultiplyAdd(qa, a2, three);
            Vector128<short> b3 = AdvSimd.Add(cb, tb), a3 = AdvSimd.Add(ca, ta), b4 = AdvSimd.Subtract(cb, tb), a4 = AdvSimd.Subtract(ca, ta);
            b0 = AdvSimd.Add(b0, cb);
            a0 = AdvSimd.Add(a0, ca);
            b5 = AdvSimd.Subtract(b5, eb);
            a5 = AdvSimd.Subtract(a5, ea);
            Store(y + y3, a3, b3);
            Store(y + y4, a4, b4);
            Store(y + y1, pa, pb);
            Store(y + y2, qa, qb);
            Store(y, a0, b0);
            Store(y + y5, a5, b5);
        }
    }

    public static void TransformRow(short* row, int channels, int tiles, short* inputs, nint position, nint group)
    {
        nint x1 = (nint)channels * sizeof(short), x2 = 2 * x1, x3 = 3 * x1, x4 = 4 * x1, x5 = 5 * x1;
        nint y1 = position * sizeof(short), y2 = 2 * y1, y3 = 3 * y1, y4 = 4 * y1, y5 = 5 * y1, next = group * sizeof(short);
        for (; tiles > 0; tiles--, row += 4 * channels, inputs += Panel.Channels)
        {
            sbyte* xa = (sbyte*)row, ya = (sbyte*)inputs;
            for (int rest = channels; rest > 0; rest -= 16, xa += 32, ya += 2 * next)
            {
                // an odd last group is done twice
                sbyte* xb = rest > 8 ? xa + 16 : xa, yb = rest > 8 ? ya + next : ya;
                Vector128<short> a1 = Load(xa + x1), b1 = Load(xb + x1), a3 = Load(xa + x3), b3 = Load(xb + x3);
                Vector128<short> a2 = Load(xa + x2), b2 = Load(xb + x2), a4 = Load(xa + x4), b4 = Load(xb + x4);
                Vector128<short> ea = AdvSimd.Subtract(a3, a1), eb = AdvSimd.Subtract(b3, b1);
                Vector128<short> ca = AdvSimd.Subtract(a4, a2), cb = AdvSimd.Subtract(b4, b2);
                Vector128<short> a0 = Load(xa), b0 = Load(xb), a5 = Load(xa + x5), b5 = Load(xb + x5);
                a1 = AdvSimd.ShiftLeftLogical(a1, 2);
                b1 = AdvSimd.ShiftLeftLogical(b1, 2);
                a0 = AdvSimd.Subtract(a0, a2);
                b0 = AdvSimd.Subtract(b0, b2);
                a2 = AdvSimd.ShiftLeftLogical(a2, 2);
                b2 = AdvSimd.ShiftLeftLogical(b2, 2);
                a5 = AdvSimd.Subtract(a5, a3);
                b5 = AdvSimd.Subtract(b5, b3);
                Vector128<short> ta = AdvSimd.Add(ea, ea), tb = AdvSimd.Add(eb, eb);
                a1 = AdvSimd.Subtract(a3, a1);
                b1 = AdvSimd.Subtract(b3, b1);
                a2 = AdvSimd.Subtract(a4, a2);
                b2 = AdvSimd.Subtract(b4, b2);
                a0 = AdvSimd.ShiftLeftLogical(a0, 2);
                b0 = AdvSimd.ShiftLeftLogical(b0, 2);
                ea = AdvSimd.ShiftLeftLogical(ea, 2);
                eb = AdvSimd.ShiftLeftLogical(eb, 2);
                a3 = AdvSimd.Add(ca, ta);
                b3 = AdvSimd.Add(cb, tb);
                a4 = AdvSimd.Subtract(ca, ta);
                b4 = AdvSimd.Subtract(cb, tb);
                Vector128<short> pa = AdvSimd.Add(a2, a1), pb = AdvSimd.Add(b2, b1), qa = AdvSimd.Subtract(a2, a1), qb = AdvSimd.Subtract(b2, b1);
                a0 = AdvSimd.Add(a0, ca);
                b0 = AdvSimd.Add(b0, cb);
                a5 = AdvSimd.Subtract(a5, ea);
                b5 = AdvSimd.Subtract(b5, eb);
                Store(ya + y3, a3);
                Store(yb + y3, b3);
                Store(ya + y4, a4);
                Store(yb + y4, b4);
                Store(ya + y1, pa);
                Store(yb + y1, pb);
                Store(ya + y2, qa);
                Store(yb + y2, qb);
                Store(ya, a0);
                Store(yb, b0);
                Store(ya + y5, a5);
                Store(yb + y5, b5);
            }
        }
    }

    public static void Multiply(int tiles, int count, in TileProduct product) =>
        NeonTileMultiply<WinogradFourSums>.Run(tiles, count, product);

    public static void Store(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel)
    {
        if (panel[Panel.IsOneStep] != 0)
        {
            Store<NeonOneStep>(sums, tiles, panel, stage, y, row, pixel);
        }
        else if (stage.Rounding < OutputRounding.Rectified)
        {
            // the left shift is one with the division's, so that a layer with one is no case of its own
            NeonWinogradStore<NeonRightShift, Clamping>.Run(sums, tiles, panel, stage, y, row, pixel);
        }
        else
        {
            Store<NeonRectified>(sums, tiles, panel, stage, y, row, pixel);
        }
    }

    public static void StorePooled(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel)
    {
        if (panel[Panel.IsOneStep] != 0)
        {
            NeonWinogradStore<NeonOneStep, Clamping>.RunPooled(sums, tiles, panel, stage, y, row, pixel);
        }
        else if (stage.FixesTies)
        {
            NeonWinogradStore<NeonRightShift, Clamping>.RunPooled(sums, tiles, panel, stage, y, row, pixel);
        }
        else
        {
            NeonWinogradStore<NeonRectified, Clamping>.RunPooled(sums, tiles, panel, stage, y, row, pixel);
        }
    }

    public static void Accumulate(int* sums, int* accumulators) => NeonWinogradStore<NeonRectified, Saturating>.Accumulate(sums, accumulators);

    public static void Requantize(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride) =>
        NeonRequantize.Rows(accumulators, rows, panel, stage, output, outputStride);

    private static void Store<TRounding>(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel)
        where TRounding : struct, INeonRounding
    {
        if (stage.Min > sbyte.MinValue || stage.Max < sbyte.MaxValue)
        {
            NeonWinogradStore<TRounding, Clamping>.Run(sums, tiles, panel, stage, y, row, pixel);
        }
        else
        {
            NeonWinogradStore<TRounding, Saturating>.Run(sums, tiles, panel, stage, y, row, pixel);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Load(sbyte* from) => AdvSimd.LoadVector128((short*)from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(sbyte* to, Vector128<short> a) => AdvSimd.Store((short*)to, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(sbyte* to, Vector128<short> a, Vector128<short> b) => AdvSimd.Arm64.StorePair((short*)to, a, b);
}
