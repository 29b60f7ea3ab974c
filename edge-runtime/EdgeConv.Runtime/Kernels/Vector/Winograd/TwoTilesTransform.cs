using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>B^T of F(4x4, 3x3) along a row on 256 bits: a group of two tiles at a time, which lie side by side: half the stores of two groups of one tile.</summary>
internal static unsafe class TwoTilesTransform
{
    /// <summary>As <see cref="IWinogradKernel.TransformRow"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Row(short* row, int channels, int tiles, short* inputs, nint position, nint group)
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
