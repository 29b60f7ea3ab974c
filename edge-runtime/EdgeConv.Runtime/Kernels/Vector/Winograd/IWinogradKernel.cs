namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// What differs from one instruction set to the next in a convolution by Winograd's algorithm; <see cref="WinogradConv2D{T}"/> does the rest.
/// The matrices are in WINOGRAD.md, with the proof that the result is exact.
/// </summary>
internal unsafe interface IWinogradKernel
{
    /// <summary>Which of Winograd's algorithms it is.</summary>
    static abstract WinogradTile Tile { get; }

    /// <summary>How wide its vectors are, and what it takes.</summary>
    static abstract WinogradProcessor Processor { get; }

    /// <summary>B^T down the columns of as many image rows as a tile has. Reads and writes fewer than <see cref="WinogradProcessor.RowSlack"/> elements more.</summary>
    /// <param name="rows">Rows of int8.</param>
    /// <param name="columns">As many rows of int16.</param>
    /// <param name="stride">Elements from one row of columns to the next.</param>
    /// <param name="count">Elements of a row, at least 1.</param>
    static abstract void TransformColumns(sbyte** rows, short* columns, nint stride, nint count);

    /// <summary>B^T along one row of transformed columns, for tiles side by side.</summary>
    /// <param name="row">First pixel of the first tile; what is read behind the last pixel is within <see cref="WinogradProcessor.RowSlack"/>.</param>
    /// <param name="channels">Elements from one pixel to the next.</param>
    /// <param name="tiles">Number of tiles, side by side in the output.</param>
    /// <param name="inputs">A row of positions, each [group of 8 channels][tile][8 channels].</param>
    /// <param name="position">Elements from one position to the next.</param>
    /// <param name="group">Elements from one group to the next.</param>
    static abstract void TransformRow(short* row, int channels, int tiles, short* inputs, nint position, nint group);

    /// <summary>Weights of a vector, two input channels of some output channels, where there is a <see cref="TransformWeights"/>; else 0.</summary>
    static virtual int WeightVector => 0;

    /// <summary>G' g G'^T of a panel's taps.</summary>
    /// <param name="taps">[vector][tap][weights of a vector], as <see cref="TransformedWeights{T}"/> packs them.</param>
    /// <param name="vectors">Number of vectors.</param>
    /// <param name="weights">[position][vector][weights of a vector].</param>
    /// <param name="position">Elements from one position to the next.</param>
    static virtual void TransformWeights(sbyte* taps, nint vectors, short* weights, nint position) =>
        throw new System.Diagnostics.UnreachableException("WeightVector is 0");

    /// <summary>A product of count times so many tiles.</summary>
    /// <param name="tiles">1 to <see cref="WinogradProcessor.TilesAtOnce"/>.</param>
    /// <param name="count">At least 1.</param>
    /// <param name="product">From its first tile on.</param>
    static abstract void Multiply(int tiles, int count, in TileProduct product);

    /// <summary>
    /// A'^T down and along, division by the scale, requantization: a tile's pixels of <see cref="WinogradProcessor.Outputs"/> channels, tiles side by side.
    /// </summary>
    /// <param name="sums">[tile][position][channels]; left as rubbish.</param>
    /// <param name="tiles">At least 1.</param>
    /// <param name="panel">As <see cref="WinogradNumbers"/> leaves it for a single part.</param>
    /// <param name="stage">Zero point and clamp of the output.</param>
    /// <param name="y">First pixel of the first tile.</param>
    /// <param name="row">Bytes from one row of pixels to the next.</param>
    /// <param name="pixel">Bytes from one pixel to the next.</param>
    static abstract void Store(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel);

    /// <summary>The same with the maximum of each two by two pixels, before it is requantized.</summary>
    static abstract void StorePooled(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel);

    /// <summary>One tile up to the division: the exact share of some input channels is added to accumulators[pixel][channels].</summary>
    static abstract void Accumulate(int* sums, int* accumulators);

    /// <summary>As <see cref="IMicroKernel.Requantize"/>, of <see cref="WinogradProcessor.Outputs"/> channels.</summary>
    static abstract void Requantize(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride);
}
