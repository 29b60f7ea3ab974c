using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Makes rows of quads: [quad][channel][4], where quad q has the pixels 2q to 2q + 3 of a row, padding included. Twice the bytes of the row.
/// </summary>
/// <param name="channels">Channels, at least <see cref="Block"/>; the last block overlaps the one before it where they are no multiple.</param>
/// <param name="width">Pixels of a row.</param>
/// <param name="left">Pixels of padding before the first.</param>
/// <param name="quads">How many to make.</param>
internal readonly unsafe struct PixelQuads(int channels, int width, int left, int quads)
{
    /// <summary>Channels interleaved at once.</summary>
    public const int Block = 16;

    private const int PixelBytes = 4;

    /// <summary>From one quad to the next.</summary>
    public nint Bytes { get; } = PixelBytes * (nint)channels;

    /// <summary>Interleaves a row.</summary>
    /// <param name="row">Its pixels.</param>
    /// <param name="padding">A pixel of padding, of <see cref="Block"/> channels.</param>
    /// <param name="to">Where the quads go.</param>
    public void Interleave(sbyte* row, sbyte* padding, sbyte* to)
    {
        nint pixel = channels;
        int inside = (left + 1) / 2, end = (left + width) / 2;   // pairs of pixels that both are the row's
        for (int block = 0; block < channels; block += Block)
        {
            int first = Math.Min(block, channels - Block), q = 0;
            sbyte* from = row + first, quad = to + PixelBytes * first;
            Pair a = Edge(from, 0, padding), b;
            for (; q < Math.Min(quads, inside - 1); q++, quad += Bytes, a = b)
            {
                b = Edge(from, q + 1, padding);
                Store(quad, a, b);
            }

            sbyte* x = from + (2 * (q + 1) - left) * pixel;
            for (int last = Math.Min(quads, end - 1) - 2; q <= last; q += 2, quad += 2 * Bytes, x += 4 * pixel)   // by two, so that a pair stays where it is
            {
                b = Two(x, x + pixel);
                Store(quad, a, b);
                a = Two(x + 2 * pixel, x + 3 * pixel);
                Store(quad + Bytes, b, a);
            }

            for (; q < quads; q++, quad += Bytes, a = b)
            {
                b = Edge(from, q + 1, padding);
                Store(quad, a, b);
            }
        }
    }

    /// <summary>Pixels 2p and 2p + 1, counted with the padding.</summary>
    private Pair Edge(sbyte* row, int pair, sbyte* padding)
    {
        int x = 2 * pair - left;
        return Two(At(row, x, padding), At(row, x + 1, padding));
    }

    private sbyte* At(sbyte* row, int x, sbyte* padding) => (uint)x < (uint)width ? row + (nint)x * channels : padding;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair Two(sbyte* first, sbyte* second)
    {
        Vector128<sbyte> x = AdvSimd.LoadVector128(first), y = AdvSimd.LoadVector128(second);
        return new Pair { Low = AdvSimd.Arm64.ZipLow(x, y).AsInt16(), High = AdvSimd.Arm64.ZipHigh(x, y).AsInt16() };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(sbyte* quad, Pair first, Pair second)
    {
        AdvSimd.Store(quad, AdvSimd.Arm64.ZipLow(first.Low, second.Low).AsSByte());
        AdvSimd.Store(quad + Block, AdvSimd.Arm64.ZipHigh(first.Low, second.Low).AsSByte());
        AdvSimd.Store(quad + 2 * Block, AdvSimd.Arm64.ZipLow(first.High, second.High).AsSByte());
        AdvSimd.Store(quad + 3 * Block, AdvSimd.Arm64.ZipHigh(first.High, second.High).AsSByte());
    }

    /// <summary>Two pixels side by side, of the lower and of the upper eight channels.</summary>
    private struct Pair
    {
        public Vector128<short> Low;
        public Vector128<short> High;
    }
}
