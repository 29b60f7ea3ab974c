using EdgeConv.Runtime.Kernels.Vector;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>
/// Winograd's algorithm in plain loops over its matrices, so that every processor tests the driver, the packing and the proof; and what a
/// faster form must equal. Transformed inputs are checked to fit int16.
/// </summary>
internal unsafe struct PlainWinograd : IWinogradKernel
{
    private static readonly int[,] _input =
    {
        { 4, 0, -5, 0, 1, 0 }, { 0, -4, -4, 1, 1, 0 }, { 0, 4, -4, -1, 1, 0 }, { 0, -2, -1, 2, 1, 0 }, { 0, 2, -1, -2, 1, 0 }, { 0, 4, 0, -5, 0, 1 },
    };

    private static readonly int[,] _output = { { 1, 1, 1, 1, 1, 0 }, { 0, 1, -1, 2, -2, 0 }, { 0, 1, 1, 4, 4, 0 }, { 0, 1, -1, 8, -8, 8 } };

    public static int MaxTiles => 3;

    public static void TransformColumns(sbyte** rows, short* columns, nint stride, nint count)
    {
        for (int i = 0; i < 6; i++)
        {
            for (nint at = 0; at < count; at++)
            {
                int sum = 0;
                for (int k = 0; k < 6; k++)
                {
                    sum += _input[i, k] * rows[k][at];
                }

                columns[i * stride + at] = checked((short)sum);
            }
        }
    }

    public static void TransformRow(short* row, int channels, int tiles, short* inputs, nint position, nint group)
    {
        for (int j = 0; j < 6; j++)
        {
            for (int tile = 0; tile < tiles; tile++)
            {
                for (int c = 0; c < channels; c++)
                {
                    int sum = 0;
                    for (int k = 0; k < 6; k++)
                    {
                        sum += _input[j, k] * row[(tile * 4 + k) * channels + c];
                    }

                    inputs[j * position + c / 8 * group + tile * 8 + c % 8] = checked((short)sum);
                }
            }
        }
    }

    public static void Multiply(int tiles, int count, in TileProduct product)
    {
        for (int i = 0; i < product.Positions * tiles * count * 8; i++)
        {
            (int position, int tile, int o) = (i / (tiles * count * 8), i / 8 % (tiles * count), i % 8);
            short* inputs = product.Inputs + position * product.InputPosition + tile * 8, weights = product.Weights + position * product.WeightPosition + o;
            int sum = 0;
            for (int c = 0; c < product.Groups * 8; c++)
            {
                sum += inputs[c / 8 * product.Group + c % 8] * weights[c * 8];
            }

            product.Sums[tile * Winograd.TileSums + position * 8 + o] = sum;
        }
    }

    public static void Store(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel)
    {
        for (int tile = 0; tile < tiles; tile++)
        {
            for (int i = 0; i < 128; i++)
            {
                (int r, int column, int o) = (i / 32, i / 8 % 4, i % 8);
                int z = Position(sums + tile * Winograd.TileSums + o, r, column) + panel[Panel.Bias + o];
                y[r * row + (tile * 4 + column) * pixel + o] = panel[Panel.IsOneStep] != 0 ? OneStep(z, panel + o, stage) : Requantize(z, panel + o, stage);
            }
        }
    }

    private static sbyte Requantize(int z, int* numbers, OutputStage stage)
    {
        int shift = numbers[Panel.LeftShift] + Winograd.ScaleShift - numbers[Panel.RightShift];
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
            Store(sums + tile * Winograd.TileSums, 1, panel, stage, whole, 32, 8);
            for (int i = 0; i < 32; i++)
            {
                (int r, int column, int o) = (i / 16, i / 8 % 2, i % 8);
                sbyte* window = whole + r * 64 + column * 16 + o;
                y[r * row + (tile * 2 + column) * pixel + o] = Math.Max(Math.Max(window[0], window[8]), Math.Max(window[32], window[40]));
            }
        }
    }

    public static void Accumulate(int* sums, int* accumulators)
    {
        for (int i = 0; i < 128; i++)
        {
            accumulators[i] += Divide(Position(sums + i % 8, i / 32, i / 8 % 4));
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
        for (int i = 0; i < 36; i++)
        {
            z += _output[row, i / 6] * _output[column, i % 6] * sums[i * 8];
        }

        return z;
    }

    private static int Divide(int z) => (z * Winograd.InverseOfNine) >> Winograd.ScaleShift;
}
