namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// F(4x4, 3x3) on 512 bits: sums of sixteen output channels are a vector, and VPMADDWD multiplies two input channels of each.
/// </summary>
internal unsafe struct Avx512Winograd<TWidth> : IWinogradKernel
    where TWidth : struct, IAvx512Width
{
    public static WinogradTile Tile => WinogradTile.Four;

    public static WinogradProcessor Processor => TWidth.Processor;

    public static void TransformColumns(sbyte** rows, short* columns, nint stride, nint count) => VectorTransforms<Words512>.Columns(rows, columns, stride, count);

    public static void TransformRow(short* row, int channels, int tiles, short* inputs, nint position, nint group) =>
        TwoTilesTransform.Row(row, channels, tiles, inputs, position, group);

    public static int WeightVector => Words512.Count;

    public static void TransformWeights(sbyte* taps, nint vectors, short* weights, nint position) => VectorTransforms<Words512>.Weights(taps, vectors, weights, position);

    public static void Multiply(int tiles, int count, in TileProduct product) => VectorTileMultiply<Words512, Sums512, TWidth>.Run(tiles, count, product);

    public static void Store(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel) =>
        Avx512WinogradStore<TWidth>.Run(sums, tiles, panel, stage, y, row, pixel, isPooled: false);

    public static void StorePooled(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel) =>
        Avx512WinogradStore<TWidth>.Run(sums, tiles, panel, stage, y, row, pixel, isPooled: true);

    public static void Accumulate(int* sums, int* accumulators) => Avx512WinogradStore<TWidth>.Accumulate(sums, accumulators);

    public static void Requantize(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride) =>
        Avx512WinogradStore<TWidth>.Requantize(accumulators, rows, panel, stage, output, outputStride);
}
