using System.Runtime.Intrinsics.X86;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Kernels.Vector;

namespace EdgeConv.Runtime.Tests;

/// <summary>Convolutions with ReLU, most of whose panels are requantized by one fused multiply-add, give the reference's bytes.</summary>
public sealed class FusedConvolutionTests
{
    private const int Seed = 56;

    [Theory]
    [InlineData(1, 16)]    // one step of NEON
    [InlineData(1, 40)]
    [InlineData(1, 64)]
    [InlineData(2, 24)]    // two runs a pixel
    [InlineData(3, 37)]
    public void Any_number_of_pixels_and_taps(int kernel, int channels)
    {
        var random = new Random(Seed + channels);
        foreach (int columns in new[] { 3, 17, 97 })
        {
            ConvCase conv = Layer(random, [1, kernel, columns + kernel - 1, channels], 20, kernel, -random.Next(8, 11));
            sbyte[] x = [.. Enumerable.Range(0, kernel * (columns + kernel - 1) * channels).Select(_ => (sbyte)random.Next(-128, 128))];
            foreach (Pooling pool in new[] { Pooling.None, new Pooling(1, 2, 1, 2), new Pooling(1, 3, 1, 1) })
            {
                using Model model = (conv with { Pool = pool }).Build();
                Paths.AllGive(TestModel.Run(model, x, KernelPath.Reference), model, x, $"seed {Seed}, {conv}, {columns} columns, {pool}");
            }
        }
    }

    /// <summary>A weight of one sweeps the accumulators around the one that each channel misses; the others, which meet zeros, only make the range wide.</summary>
    [Fact]
    public void A_sum_that_a_channel_misses()
    {
        var random = new Random(Seed);
        const int Taps = 64, Outputs = 8, Right = 11;
        var stage = new OutputStage([-Right], -128, -128, 127);
        int[] multipliers = new int[Outputs], bias = new int[Outputs];
        sbyte[] weights = [.. Enumerable.Range(0, Outputs * Taps).Select(i => (sbyte)(i % Taps == 0 ? 1 : 127))];
        for (int c = 0; c < Outputs;)
        {
            int multiplier = random.Next(1 << 30, int.MaxValue);
            if (FusedScale.Solve(multiplier, -Right, stage, -1_000_000, 1_000_000) is { Missed: not 0 } scale)
            {
                (multipliers[c], bias[c]) = (multiplier, scale.Missed - scale.Start);
                c++;
            }
        }

        var conv = new ConvCase([1, 16, 16, Taps], 0, weights, [Outputs, 1, 1, Taps], bias, multipliers, [.. Enumerable.Repeat(-Right, Outputs)],
            new Window(1, 1), 1, -128, -128, 127);
        sbyte[] x = new sbyte[16 * 16 * Taps];
        for (int i = 0; i < 256; i++)
        {
            x[i * Taps] = (sbyte)(i - 128);
        }

        foreach (Pooling pool in new[] { Pooling.None, new Pooling(1, 1, 1, 1), new Pooling(2, 2, 2, 2) })
        {
            using Model model = (conv with { Pool = pool }).Build();
            Paths.AllGive(TestModel.Run(model, x, KernelPath.Reference), model, x, $"seed {Seed}, sums that are missed, {pool}");
        }
    }

    [Fact]
    public void Nearly_all_panels_of_a_layer_with_ReLU_are_fused_on_ARM_and_on_512_bits()
    {
        using Model model = Layer(new Random(Seed), [1, 4, 4, 64], 64, 1, -9).Build();
        foreach (KernelPath path in Paths.Supported.Where(IsFused))
        {
            using var net = new Interpreter(model, path);
            Assert.Contains("both roundings in one step in 8 of 8 panels", net.Choice(0).Algorithm, StringComparison.Ordinal);
        }

        static bool IsFused(KernelPath path) => path.Name switch
        {
            "Neon" or "NeonDp" or "Avx512" => true,
            "AvxVnni" => Avx512F.IsSupported,
            _ => false,
        };
    }

    private static ConvCase Layer(Random random, int[] shape, int outputs, int kernel, int shift)
    {
        int taps = kernel * kernel * shape[3];
        sbyte[] weights = [.. Enumerable.Range(0, outputs * taps).Select(_ => (sbyte)random.Next(-127, 128))];
        int[] bias = [.. Enumerable.Range(0, outputs).Select(_ => random.Next(-20_000, 20_000))];
        int[] multipliers = [.. Enumerable.Range(0, outputs).Select(_ => ScaledChannel.MultiplierOf(random))];
        return new ConvCase(shape, random.Next(-128, 128), weights, [outputs, kernel, kernel, shape[3]], bias, multipliers, [.. Enumerable.Repeat(shift, outputs)],
            new Window(kernel, kernel), 1, -128, -128, 127);
    }
}
