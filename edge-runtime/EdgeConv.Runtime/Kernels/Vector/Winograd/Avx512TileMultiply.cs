using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// int16 matrix products of up to eight tiles with sixteen output channels, or 32, at all positions of the transformed domain. A sum waits for its
/// addition only, a cycle, so that few tiles do as well; with 32 channels each input is loaded once for two multiplications, of which there are two a cycle.
/// </summary>
internal static unsafe class Avx512TileMultiply
{
    private const int Lanes = 16;

    /// <summary>As <see cref="IWinogradKernel.Multiply"/>.</summary>
    public static void Run<TWidth>(int tiles, int count, in TileProduct product)
        where TWidth : struct, IAvx512Width
    {
        switch (tiles)
        {
            case 1:
                Run<TWidth, One>(count, product);
                break;
            case 2:
                Run<TWidth, Two>(count, product);
                break;
            case 3:
                Run<TWidth, Three>(count, product);
                break;
            case 4:
                Run<TWidth, Four>(count, product);
                break;
            case 5:
                Run<TWidth, Five>(count, product);
                break;
            case 6:
                Run<TWidth, Six>(count, product);
                break;
            case 7:
                Run<TWidth, Seven>(count, product);
                break;
            default:
                Run<TWidth, Eight>(count, product);
                break;
        }
    }

    /// <summary>One body; what a number of tiles or a narrower panel does not have, the compiler leaves out.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Run<TWidth, T>(int count, in TileProduct product)
        where TWidth : struct, IAvx512Width
        where T : struct, ITileCount
    {
        nint group = product.Group, groups = product.Groups, next = product.TileSums, real = product.RealInputs;
        nint skipped = (Panel.Channels - real) * TWidth.Vectors * Lanes;   // weights
        for (int position = 0; position < WinogradFour.Positions; position++)
        {
            short* inputs = product.Inputs + position * product.InputPosition, weights = product.Weights + position * product.WeightPosition;
            int* sums = product.Sums + position * TWidth.Vectors * Lanes;
            for (int i = 0; i < count; i++, inputs += T.Tiles * Panel.Channels)
            {
                Vector512<int> a0 = default, a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
                Vector512<int> b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0, b5 = a0, b6 = a0, b7 = a0;
                short* pair = inputs, w = weights;
                for (nint g = groups; g > 0; g--, pair += group - real, w += skipped)
                {
                    for (short* end = pair + real; pair < end; pair += 2, w += TWidth.Vectors * 2 * Lanes)
                    {
                        Vector512<short> v = Vector512.Load(w), u = TWidth.Vectors > 1 ? Vector512.Load(w + 2 * Lanes) : v;
                        Add<TWidth, T>(0, pair, v, u, ref a0, ref b0);
                        Add<TWidth, T>(1, pair, v, u, ref a1, ref b1);
                        Add<TWidth, T>(2, pair, v, u, ref a2, ref b2);
                        Add<TWidth, T>(3, pair, v, u, ref a3, ref b3);
                        Add<TWidth, T>(4, pair, v, u, ref a4, ref b4);
                        Add<TWidth, T>(5, pair, v, u, ref a5, ref b5);
                        Add<TWidth, T>(6, pair, v, u, ref a6, ref b6);
                        Add<TWidth, T>(7, pair, v, u, ref a7, ref b7);
                    }
                }

                Store<TWidth, T>(0, a0, b0, ref sums, next);
                Store<TWidth, T>(1, a1, b1, ref sums, next);
                Store<TWidth, T>(2, a2, b2, ref sums, next);
                Store<TWidth, T>(3, a3, b3, ref sums, next);
                Store<TWidth, T>(4, a4, b4, ref sums, next);
                Store<TWidth, T>(5, a5, b5, ref sums, next);
                Store<TWidth, T>(6, a6, b6, ref sums, next);
                Store<TWidth, T>(7, a7, b7, ref sums, next);
            }
        }
    }

    /// <summary>Adds the products of two input channels of a tile, if there is such a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TWidth, T>(int tile, short* pair, Vector512<short> v, Vector512<short> u, ref Vector512<int> a, ref Vector512<int> b)
        where TWidth : struct, IAvx512Width
        where T : struct, ITileCount
    {
        if (tile < T.Tiles)
        {
            Vector512<short> x = Vector512.Create(*(int*)(pair + tile * Panel.Channels)).AsInt16();
            a += Avx512BW.MultiplyAddAdjacent(x, v);
            if (TWidth.Vectors > 1)
            {
                b += Avx512BW.MultiplyAddAdjacent(x, u);
            }
        }
    }

    /// <summary>A tile's sums, if there is such a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TWidth, T>(int tile, Vector512<int> a, Vector512<int> b, ref int* sums, nint next)
        where TWidth : struct, IAvx512Width
        where T : struct, ITileCount
    {
        if (tile < T.Tiles)
        {
            a.Store(sums);
            if (TWidth.Vectors > 1)
            {
                b.Store(sums + Lanes);
            }

            sums += next;
        }
    }

    private interface ITileCount
    {
        static abstract int Tiles { get; }
    }

    private struct One : ITileCount
    {
        public static int Tiles => 1;
    }

    private struct Two : ITileCount
    {
        public static int Tiles => 2;
    }

    private struct Three : ITileCount
    {
        public static int Tiles => 3;
    }

    private struct Four : ITileCount
    {
        public static int Tiles => 4;
    }

    private struct Five : ITileCount
    {
        public static int Tiles => 5;
    }

    private struct Six : ITileCount
    {
        public static int Tiles => 6;
    }

    private struct Seven : ITileCount
    {
        public static int Tiles => 7;
    }

    private struct Eight : ITileCount
    {
        public static int Tiles => 8;
    }
}
