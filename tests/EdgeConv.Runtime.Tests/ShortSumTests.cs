using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Runtime.Tests;

/// <summary>
/// Kernels may add products of two taps in 16 bits, which holds but for two weights of -128 that both meet an input of -128. These tests
/// put such weights everywhere.
/// </summary>
public sealed class ShortSumTests
{
    private const int Seed = 5;
    private const int Taps = 40;

    [Fact]
    public void Two_weights_of_minus_128_at_any_two_taps()
    {
        // one output for every pair of taps; in every second run of eight outputs one weight is -127, so that panels of both kinds stand side by side
        var weights = new List<sbyte>();
        for (int i = 0; i < Taps; i++)
        {
            for (int j = i + 1; j < Taps; j++)
            {
                sbyte[] channel = new sbyte[Taps];
                channel[i] = -128;
                channel[j] = (sbyte)(weights.Count / Taps / 8 % 2 == 0 ? -128 : -127);
                weights.AddRange(channel);
            }
        }

        CheckEveryRowCount([.. weights], () => -128, "pairs of taps");
    }

    [Theory]
    [InlineData(-128, -128)]
    [InlineData(-128, 127)]
    [InlineData(127, -128)]
    [InlineData(127, 127)]
    public void The_same_weight_and_input_everywhere(int weight, int input) =>
        CheckEveryRowCount([.. Enumerable.Repeat((sbyte)weight, 17 * Taps)], () => (sbyte)input, $"{weight} * {input}");

    [Fact]
    public void Extremes_in_any_order()
    {
        var random = new Random(Seed);
        sbyte[] extremes = [-128, -128, -127, 127];
        for (int i = 0; i < 20; i++)
        {
            sbyte[] weights = [.. Enumerable.Range(0, 24 * Taps).Select(_ => extremes[random.Next(4)])];
            CheckEveryRowCount(weights, () => extremes[random.Next(4)], $"seed {Seed}, extremes {i}");
        }
    }

    /// <summary>As a fully connected layer of 1 to 9 rows, and as a convolution of as many pixels.</summary>
    private static void CheckEveryRowCount(sbyte[] weights, Func<sbyte> input, string what)
    {
        int outputs = weights.Length / Taps;
        int[] bias = new int[outputs], multipliers = [.. Enumerable.Repeat(1 << 30, outputs)], shifts = [.. Enumerable.Repeat(-12, outputs)];
        for (int rows = 1; rows <= 9; rows++)
        {
            sbyte[] x = [.. Enumerable.Range(0, rows * Taps).Select(_ => input())];
            var conv = new ConvCase([1, 1, rows, Taps], 0, weights, [outputs, 1, 1, Taps], bias, multipliers, shifts, new Window(1, 1), 1, 0, -128, 127);
            using Model convolution = conv.Build();
            Paths.AllGive(TestModel.Run(convolution, x, KernelPath.Reference), convolution, x, $"{what}, {rows} pixels");

            var builder = new TestModel();
            int from = builder.Activation([rows, Taps]), to = builder.Activation([rows, outputs]);
            using Model connected = builder.Then(new FullyConnectedOp("fc", from, to, builder.Constant(weights, [outputs, Taps]),
                builder.Constant(bias), builder.Constant(multipliers), builder.Constant(shifts), -128, 127)).Build();
            Paths.AllGive(TestModel.Run(connected, x, KernelPath.Reference), connected, x, $"{what}, {rows} rows");
        }
    }
}
