using System.Runtime.CompilerServices;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Vectors of output channels that are multiplied together.</summary>
internal interface IVectorCount
{
    static abstract int Vectors { get; }
}

/// <summary>
/// int16 matrix products of up to eight tiles with one vector of output channels, or two, at all positions of the transformed domain. A sum waits for its
/// addition only, a cycle, so that few tiles do as well; with two vectors each input is loaded once for two multiplications, of which there are two a cycle.
/// </summary>
internal static unsafe class VectorTileMultiply<TWords, TSums, TWidth>
    where TWords : struct, IWords<TWords>
    where TSums : struct, ISums<TSums, TWords>
    where TWidth : struct, IVectorCount
{
    /// <summary>As <see cref="IWinogradKernel.Multiply"/>.</summary>
    public static void Run(int tiles, int count, in TileProduct product)
    {
        switch (tiles)
        {
            case 1:
                Run<One>(count, product);
                break;
            case 2:
                Run<Two>(count, product);
                break;
            case 3:
                Run<Three>(count, product);
                break;
            case 4:
                Run<Four>(count, product);
                break;
            case 5:
                Run<Five>(count, product);
                break;
            case 6:
                Run<Six>(count, product);
                break;
            case 7:
                Run<Seven>(count, product);
                break;
            default:
                Run<Eight>(count, product);
                break;
        }
    }

    /// <summary>One body; what a number of tiles or a narrower panel does not have, the compiler leaves out.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Run<T>(int count, in TileProduct product)
        where T : struct, ITileCount
    {
        nint group = product.Group, groups = product.Groups, next = product.TileSums, real = product.RealInputs;
        nint skipped = (Panel.Channels - real) * TWidth.Vectors * TSums.Count;   // weights
        for (int position = 0; position < WinogradFour.Positions; position++)
        {
            short* inputs = product.Inputs + position * product.InputPosition, weights = product.Weights + position * product.WeightPosition;
            int* sums = product.Sums + position * TWidth.Vectors * TSums.Count;
            for (int i = 0; i < count; i++, inputs += T.Tiles * Panel.Channels)
            {
                TSums a0 = default, a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
                TSums b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0, b5 = a0, b6 = a0, b7 = a0;
                short* pair = inputs, w = weights;
                for (nint g = groups; g > 0; g--, pair += group - real, w += skipped)
                {
                    for (short* end = pair + real; pair < end; pair += 2, w += TWidth.Vectors * TWords.Count)
                    {
                        TWords v = TWords.Load(w), u = TWidth.Vectors > 1 ? TWords.Load(w + TWords.Count) : v;
                        Add<T>(0, pair, v, u, ref a0, ref b0);
                        Add<T>(1, pair, v, u, ref a1, ref b1);
                        Add<T>(2, pair, v, u, ref a2, ref b2);
                        Add<T>(3, pair, v, u, ref a3, ref b3);
                        Add<T>(4, pair, v, u, ref a4, ref b4);
                        Add<T>(5, pair, v, u, ref a5, ref b5);
                        Add<T>(6, pair, v, u, ref a6, ref b6);
                        Add<T>(7, pair, v, u, ref a7, ref b7);
                    }
                }

                Store<T>(0, a0, b0, ref sums, next);
                Store<T>(1, a1, b1, ref sums, next);
                Store<T>(2, a2, b2, ref sums, next);
                Store<T>(3, a3, b3, ref sums, next);
                Store<T>(4, a4, b4, ref sums, next);
                Store<T>(5, a5, b5, ref sums, next);
                Store<T>(6, a6, b6, ref sums, next);
                Store<T>(7, a7, b7, ref sums, next);
            }
        }
    }

    /// <summary>Adds the products of two input channels of a tile, if there is such a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(int tile, short* pair, TWords v, TWords u, ref TSums a, ref TSums b)
        where T : struct, ITileCount
    {
        if (tile < T.Tiles)
        {
            TWords x = TWords.Pair(pair + tile * Panel.Channels);
            a = TSums.MultiplyAdd(a, x, v);
            if (TWidth.Vectors > 1)
            {
                b = TSums.MultiplyAdd(b, x, u);
            }
        }
    }

    /// <summary>A tile's sums, if there is such a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(int tile, TSums a, TSums b, ref int* sums, nint next)
        where T : struct, ITileCount
    {
        if (tile < T.Tiles)
        {
            a.Store(sums);
            if (TWidth.Vectors > 1)
            {
                b.Store(sums + TSums.Count);
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
