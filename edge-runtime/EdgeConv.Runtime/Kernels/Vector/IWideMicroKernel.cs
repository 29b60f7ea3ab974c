namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// What differs from one instruction set to the next in a layer with int16 activations: products of int16 by int8, summed in int32. The
/// drivers give it no more taps at once than such a sum holds, and add the sums in 64 bits.
/// </summary>
internal unsafe interface IWideMicroKernel : ITapOrder
{
    /// <summary>
    /// Taps whose products fit an int32 sum whatever they are: 2^15 * 2^7 * 511 is below 2^31. A multiple of four, so that no step
    /// crosses it.
    /// </summary>
    public const int MostTaps = 508;

    /// <summary>Output pixels that <see cref="Tile"/> computes at once, at most eight.</summary>
    static abstract int TileRows { get; }

    /// <summary>Taps of one channel that lie side by side in the weights of <see cref="Depthwise"/>: 1 or 2.</summary>
    static abstract int DepthwiseAdjacentTaps { get; }

    /// <summary>accumulators[row][channel] = sum over the taps of the segments, for <see cref="TileRows"/> rows.</summary>
    /// <param name="rows">First input byte of each row.</param>
    /// <param name="segments">The runs of input bytes that a row reads.</param>
    /// <param name="weights">The panel, from the first tap of the segments on.</param>
    /// <param name="accumulators">TileRows x 8.</param>
    static abstract void Tile(byte** rows, Segments segments, sbyte* weights, int* accumulators);

    /// <summary>The same for a single row.</summary>
    static abstract void Row(byte* row, Segments segments, sbyte* weights, int* accumulators);

    /// <summary>accumulators[channel] = sum over taps of x[offset of the tap + channel] * weight, for eight channels.</summary>
    /// <param name="x">The first of the eight channels at the window's first pixel.</param>
    /// <param name="offsets">Elements from there to each tap's pixel.</param>
    /// <param name="taps">A multiple of <see cref="DepthwiseAdjacentTaps"/>, at most <see cref="MostTaps"/>.</param>
    /// <param name="weights">[tap / adjacent][channel][tap % adjacent].</param>
    /// <param name="accumulators">Eight sums.</param>
    static abstract void Depthwise(short* x, nint* offsets, int taps, short* weights, int* accumulators);
}
