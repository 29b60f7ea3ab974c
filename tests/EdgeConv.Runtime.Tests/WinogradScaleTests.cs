using EdgeConv.Runtime.Kernels.Vector;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>Requantization of Winograd's sums in one step gives the rule's byte for every accumulator, or is not taken.</summary>
public sealed class WinogradScaleTests
{
    private const int Seed = 53;

    [Fact]
    public void Every_accumulator_of_a_small_range_gets_the_byte_of_the_rule()
    {
        var random = new Random(Seed);
        int found = 0;
        for (int i = 0; i < 400; i++)
        {
            (int multiplier, int shift, OutputStage stage) = Rectified(random, random.Next(5, 9));
            (int least, int most) = (-random.Next(1, 30_000), random.Next(1, 60_000));
            if (WinogradScale.Solve(WinogradTile.Four, multiplier, shift, stage, least, most) is { } scale)
            {
                found++;
                for (int accumulator = least; accumulator <= most; accumulator++)
                {
                    AssertSame(multiplier, shift, stage, scale, accumulator);
                }
            }
        }

        Assert.InRange(found, 300, 400);
    }

    [Theory]
    [InlineData(1 << 20, 0.98)]
    [InlineData(1 << 22, 0.98)]
    [InlineData(1 << 23, 0.96)]
    [InlineData((1 << 25) - 1, 0)]
    public void A_layer_of_usual_size_has_one_for_nearly_every_channel_and_it_holds_on_both_sides_of_each_byte(int reach, double share)
    {
        var random = new Random(Seed + reach);
        const int Channels = 300;
        Span<int> firsts = stackalloc int[255];
        int found = 0;
        for (int i = 0; i < Channels; i++)
        {
            (int multiplier, int shift, OutputStage stage) = Rectified(random, random.Next(9, 12));
            (int least, int most) = (-random.Next(reach / 2, reach), random.Next(reach / 2, reach));
            if (WinogradScale.Solve(WinogradTile.Four, multiplier, shift, stage, least, most) is not { } scale)
            {
                continue;
            }

            found++;
            int count = new ByteSteps(multiplier, shift, stage.ZeroPoint, stage.Min, stage.Max).Firsts(stage.Min + 1, stage.Max, firsts);
            foreach (int first in firsts[..count])
            {
                AssertSame(multiplier, shift, stage, scale, Math.Clamp(first, least, most));
                AssertSame(multiplier, shift, stage, scale, Math.Clamp(first - 1, least, most));
            }

            AssertSame(multiplier, shift, stage, scale, least);
            AssertSame(multiplier, shift, stage, scale, most);
        }

        Assert.True(found >= share * Channels, $"{found} of {Channels}");
    }

    [Fact]
    public void A_channel_that_always_gives_the_same_byte_has_one()
    {
        foreach ((int least, int most) in new[] { (0, 0), (-5, 3), (-9000, -8000), (50, 60), (700_000, 700_100) })
        {
            var stage = new OutputStage([-9], -128, -128, 127);
            WinogradScale? scale = WinogradScale.Solve(WinogradTile.Four, 1_500_000_000, -9, stage, least, most);
            Assert.NotNull(scale);
            for (int accumulator = least; accumulator <= most; accumulator++)
            {
                AssertSame(1_500_000_000, -9, stage, scale.Value, accumulator);
            }
        }
    }

    [Theory]
    [InlineData(1 << 30, -8, -20, -128, 127)]     // ties below zero go the other way
    [InlineData(1 << 30, 1, -128, -128, 127)]     // shifted left
    [InlineData(0, -8, -128, -128, 127)]
    [InlineData(1 << 30, -31, -128, -128, 127)]
    public void Other_channels_keep_the_rule(int multiplier, int shift, int zeroPoint, int min, int max) =>
        Assert.Null(WinogradScale.Solve(WinogradTile.Four, multiplier, shift, new OutputStage([shift], zeroPoint, min, max), -100_000, 100_000));

    [Fact]
    public void The_first_accumulator_of_each_byte_is_where_the_rule_changes()
    {
        var random = new Random(Seed);
        Span<int> firsts = stackalloc int[255];
        for (int i = 0; i < 500; i++)
        {
            (int multiplier, int shift, int zeroPoint) = (random.Next(1 << 30, int.MaxValue), -random.Next(21), random.Next(-128, 128));
            var steps = new ByteSteps(multiplier, shift, zeroPoint, -128, 127);
            int count = steps.Firsts(-127, 127, firsts);
            Assert.Equal(255, count);
            for (int q = -127; q <= 127; q++)
            {
                Assert.True(steps.At(firsts[q + 127]) >= q, $"{multiplier} {shift} {zeroPoint}: {q}");
                Assert.True(steps.At(firsts[q + 127] - 1) < q, $"{multiplier} {shift} {zeroPoint}: {q}");
            }
        }
    }

    /// <summary>A layer with ReLU, most of them with the zero point that the quantizer gives it.</summary>
    private static (int Multiplier, int Shift, OutputStage Stage) Rectified(Random random, int right)
    {
        int zeroPoint = random.Next(3) > 0 ? -128 : random.Next(-128, 100), max = random.Next(4) > 0 ? 127 : random.Next(zeroPoint + 1, 128);
        return (random.Next(1 << 30, int.MaxValue), -right, new OutputStage([-right], zeroPoint, zeroPoint, max));
    }

    /// <summary>As the kernel does it, from 576 times the accumulator on.</summary>
    private static void AssertSame(int multiplier, int shift, in OutputStage stage, WinogradScale scale, int accumulator)
    {
        int x = unchecked(scale.Factor * (WinogradTile.Four.Scale * accumulator + scale.Start));
        long value = (long)x * scale.Multiplier >> WinogradScale.Shift;
        int expected = Requantizer.ToInt8(accumulator, multiplier, shift, stage.ZeroPoint, stage.Min, stage.Max);
        Assert.True(Math.Clamp(value, stage.Min, stage.Max) == expected,
            $"{accumulator} with {multiplier}, {shift} and zero point {stage.ZeroPoint}: {value}, expected {expected}");
    }
}
