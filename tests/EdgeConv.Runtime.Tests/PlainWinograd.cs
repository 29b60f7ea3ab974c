using EdgeConv.Runtime.Kernels.Vector;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>
/// Winograd's algorithm in plain loops over its matrices, so that every processor tests the driver, the packing and the proof; and what a
/// faster form must equal. Transformed inputs are checked to fit int16.
/// </summary>
internal unsafe struct PlainWinograd<TMatrices> : IWinogradKernel
    where TMatrices : struct, IWinogradMatrices
{
    public static WinogradTile Tile => TMatrices.Tile;

    /// <summary>Threads take whole strips, as on x64.</summary>
    public static WinogradProcessor Processor { get; } = WinogradProcessor.CortexA53 with { HasOwnCaches = true };

    private static int Size => Tile.Input;

    private static int TileSums => Tile.Positions * 8;

    private static int Pixels => Tile.Output;

    public static void TransformColumns(sbyte** rows, short* columns, nint stride, nint count)
    {
        for (int i = 0; i < Size; i++)
        {
            for (nint at = 0; at < count; at++)
            {
                int sum = 0;
                for (int k = 0; k < Size; k++)
                {
                    sum += TMatrices.Input[i, k] * rows[k][at];
                }

                columns[i * stride + at] = checked((short)sum);
            }
        }
    }

    public static void TransformRow(short* row, int channels, int tiles, short* inputs, nint position, nint group)
    {
        for (int j = 0; j < Size; j++)
        {
            for (int tile = 0; tile < tiles; tile++)
            {
                for (int c = 0; c < channels; c++)
                {
                    int sum = 0;
                    for (int k = 0; k < Size; k++)
                    {
                        sum += TMatrices.Input[j, k] * row[(tile * Pixels + k) * channels + c];
                    }

                    inputs[j * position + c / 8 * group + tile * 8 + c % 8] = checked((short)sum);
                }
            }
        }
    }

    public static void Multiply(int tiles, int count, in TileProduct product)
    {
        for (int i = 0; i < Tile.Positions * tiles * count * 8; i++)
        {
            (int position, int tile, int o) = (i / (tiles * count * 8), i / 8 % (tiles * count), i % 8);
            short* inputs = product.Inputs + position * product.InputPosition + tile * 8, weights = product.Weights + position * product.WeightPosition + o;
            int sum = 0;
            for (int c = 0; c < product.Groups * 8; c++)
            {
                sum += inputs[c / 8 * product.Group + c % 8] * weights[c * 8];
            }

            product.Sums[tile * TileSums + position * 8 + o] = sum;
        }
    }

    public static void Store(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel)
    {
        for (int tile = 0; tile < tiles; tile++)
        {
            for (int i = 0; i < Pixels * Pixels * 8; i++)
            {
                (int r, int column, int o) = (i / 8 / Pixels, i / 8 % Pixels, i % 8);
                int z = Position(sums + tile * TileSums + o, r, column) + panel[Panel.Bias + o];
                y[r * row + (tile * Pixels + column) * pixel + o] = panel[Panel.IsOneStep] != 0 ? OneStep(z, panel + o, stage) : Requantize(z, panel + o, stage);
            }
        }
    }

    private static sbyte Requantize(int z, int* numbers, OutputStage stage)
    {
        int shift = numbers[Panel.LeftShift] + (Tile.DividesLast ? Tile.ScaleShift : 0) - numbers[Panel.RightShift];
        return Requantizer.ToInt8(Divide(z), numbers[Panel.Multiplier], shift, stage.ZeroPoint, stage.Min, stage.Max);
    }

    private static sbyte OneStep(int z, int* numbers, OutputStage stage)
    {
        long x = unchecked(z * numbers[Panel.LeftShift]);
        return (sbyte)Math.Clamp(x * numbers[Panel.Multiplier] >> WinogradScale.Shift, stage.Min, stage.Max);
    }

    public static void StorePooled(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel)
    {
        sbyte* whole = stackalloc sbyte[128];
        for (int tile = 0; tile < tiles; tile++)
        {
            int line = Pixels * 8, half = Pixels / 2;
            Store(sums + tile * TileSums, 1, panel, stage, whole, line, 8);
            for (int i = 0; i < half * half * 8; i++)
            {
                (int r, int column, int o) = (i / 8 / half, i / 8 % half, i % 8);
                sbyte* window = whole + 2 * r * line + column * 16 + o;
                y[r * row + (tile * half + column) * pixel + o] = Math.Max(Math.Max(window[0], window[8]), Math.Max(window[line], window[line + 8]));
            }
        }
    }

    public static void Accumulate(int* sums, int* accumulators)
    {
        for (int i = 0; i < Pixels * Pixels * 8; i++)
        {
            accumulators[i] += Divide(Position(sums + i % 8, i / 8 / Pixels, i / 8 % Pixels));
        }
    }

    public static void Requantize(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride)
    {
        for (int i = 0; i < rows * 8; i++)
        {
            int o = i % 8, shift = panel[Panel.LeftShift + o] - panel[Panel.RightShift + o];
            output[i / 8 * outputStride + o] =
                Requantizer.ToInt8(accumulators[i], panel[Panel.Multiplier + o], shift, stage.ZeroPoint, stage.Min, stage.Max);
        }
    }

    private static int Position(int* sums, int row, int column)
    {
        int z = 0;
        for (int i = 0; i < Tile.Positions; i++)
        {
            z += TMatrices.Output[row, i / Size] * TMatrices.Output[column, i % Size] * sums[i * 8];
        }

        return z;
    }

    private static int Divide(int z) => unchecked(z * Tile.InverseOfOdd) >> Tile.ScaleShift;
}

/// <summary>B^T and A'^T, as WINOGRAD.md gives them.</summary>
internal interface IWinogradMatrices
{
    static abstract WinogradTile Tile { get; }

    static abstract int[,] Input { get; }

    static abstract int[,] Output { get; }
}

/// <summary>F(4x4, 3x3).</summary>
internal struct MatricesOfFour : IWinogradMatrices
{
    public static WinogradTile Tile => WinogradTile.Four;

    public static int[,] Input { get; } =
    {
        { 4, 0, -5, 0, 1, 0 }, { 0, -4, -4, 1, 1, 0 }, { 0, 4, -4, -1, 1, 0 }, { 0, -2, -1, 2, 1, 0 }, { 0, 2, -1, -2, 1, 0 }, { 0, 4, 0, -5, 0, 1 },
    };

    public static int[,] Output { get; } = { { 1, 1, 1, 1, 1, 0 }, { 0, 1, -1, 2, -2, 0 }, { 0, 1, 1, 4, 4, 0 }, { 0, 1, -1, 8, -8, 8 } };
}

/// <summary>F(2x2, 3x3).</summary>
internal struct MatricesOfTwo : IWinogradMatrices
{
    public static WinogradTile Tile => WinogradTile.Two;

    public static int[,] Input { get; } = { { 1, 0, -1, 0 }, { 0, 1, 1, 0 }, { 0, -1, 1, 0 }, { 0, -1, 0, 1 } };

    public static int[,] Output { get; } = { { 1, 1, 1, 0 }, { 0, 1, -1, 1 } };
}
