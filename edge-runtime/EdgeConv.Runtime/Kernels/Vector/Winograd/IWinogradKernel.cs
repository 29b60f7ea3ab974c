namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// What differs from one instruction set to the next in a convolution by Winograd's algorithm; <see cref="WinogradConv2D{T}"/> does the rest.
/// The matrices are in <see cref="Winograd"/>, the proof that the result is exact is in WINOGRAD.md.
/// </summary>
internal unsafe interface IWinogradKernel
{
    /// <summary>Tiles that one call of <see cref="Multiply"/> may ask for at once.</summary>
    static abstract int MaxTiles { get; }

    /// <summary>B^T down the columns of six image rows. Reads and writes up to fifteen elements more than asked for.</summary>
    /// <param name="rows">Six rows of int8.</param>
    /// <param name="columns">Six rows of int16.</param>
    /// <param name="stride">Elements from one row of columns to the next.</param>
    /// <param name="count">Elements of a row, at least 1.</param>
    static abstract void TransformColumns(sbyte** rows, short* columns, nint stride, nint count);

    /// <summary>B^T along one row of transformed columns, for tiles side by side.</summary>
    /// <param name="row">First pixel of the first tile; up to seven elements behind the last pixel are read.</param>
    /// <param name="channels">Elements from one pixel to the next.</param>
    /// <param name="tiles">Number of tiles, four pixels apart.</param>
    /// <param name="inputs">Six positions of [group of 8 channels][tile][8 channels].</param>
    /// <param name="position">Elements from one position to the next.</param>
    /// <param name="group">Elements from one group to the next.</param>
    static abstract void TransformRow(short* row, int channels, int tiles, short* inputs, nint position, nint group);

    /// <summary>A product of count times so many tiles.</summary>
    /// <param name="tiles">1 to <see cref="MaxTiles"/>.</param>
    /// <param name="count">At least 1.</param>
    /// <param name="product">From its first tile on.</param>
    static abstract void Multiply(int tiles, int count, in TileProduct product);

    /// <summary>A'^T down and along, division by 576, requantization: four by four pixels of eight channels a tile, tiles side by side.</summary>
    /// <param name="sums">[tile][position][8 channels]; left as rubbish.</param>
    /// <param name="tiles">At least 1.</param>
    /// <param name="panel">As <see cref="WinogradWeights"/> leaves it for a single part.</param>
    /// <param name="stage">Zero point and clamp of the output.</param>
    /// <param name="y">First pixel of the first tile.</param>
    /// <param name="row">Bytes from one row of pixels to the next.</param>
    /// <param name="pixel">Bytes from one pixel to the next.</param>
    static abstract void Store(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel);

    /// <summary>The same with the maximum of each two by two pixels, before it is requantized: two by two pixels a tile.</summary>
    static abstract void StorePooled(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel);

    /// <summary>One tile up to the division: the exact share of some input channels is added to accumulators[16 pixels][8].</summary>
    static abstract void Accumulate(int* sums, int* accumulators);

    /// <summary>As <see cref="IMicroKernel.Requantize"/>.</summary>
    static abstract void Requantize(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride);
}
