namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>F(4x4, 3x3) on 256 bits: sixteen output channels are two vectors of sums.</summary>
internal unsafe struct Avx2Winograd : IWinogradKernel, IVectorCount
{
    public static WinogradTile Tile => WinogradTile.Four;

    public static WinogradProcessor Processor => WinogradProcessor.Avx2;

    public static int Vectors => Avx2WinogradStore.Channels / Panel.Channels;

    public static int WeightVector => Words256.Count;

    public static void TransformColumns(sbyte** rows, short* columns, nint stride, nint count) => VectorTransforms<Words256>.Columns(rows, columns, stride, count);

    public static void TransformRow(short* row, int channels, int tiles, short* inputs, nint position, nint group) =>
        TwoTilesTransform.Row(row, channels, tiles, inputs, position, group);

    public static void TransformWeights(sbyte* taps, nint vectors, short* weights, nint position) => VectorTransforms<Words256>.Weights(taps, vectors, weights, position);

    public static void Multiply(int tiles, int count, in TileProduct product) => VectorTileMultiply<Words256, Sums256, Avx2Winograd>.Run(tiles, count, product);

    public static void Store(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel) =>
        Avx2WinogradStore.Run(sums, tiles, panel, stage, y, row, pixel, isPooled: false);

    public static void StorePooled(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel) =>
        Avx2WinogradStore.Run(sums, tiles, panel, stage, y, row, pixel, isPooled: true);

    public static void Accumulate(int* sums, int* accumulators) => Avx2WinogradStore.Accumulate(sums, accumulators);

    public static void Requantize(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride) =>
        Avx2WinogradStore.Requantize(accumulators, rows, panel, stage, output, outputStride);
}
