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
            var channel = ScaledChannel.Rectified(random, random.Next(5, 9));
            (int least, int most) = (-random.Next(1, 30_000), random.Next(1, 60_000));
            if (WinogradScale.Solve(WinogradTile.Four, channel.Multiplier, channel.Shift, channel.Stage, least, most) is { } scale)
            {
                found++;
                channel.HoldsAll(accumulator => Value(scale, accumulator), least, most);
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
        int found = 0;
        for (int i = 0; i < Channels; i++)
        {
            var channel = ScaledChannel.Rectified(random, random.Next(9, 12));
            (int least, int most) = (-random.Next(reach / 2, reach), random.Next(reach / 2, reach));
            if (WinogradScale.Solve(WinogradTile.Four, channel.Multiplier, channel.Shift, channel.Stage, least, most) is { } scale)
            {
                found++;
                channel.HoldsAtEachByte(accumulator => Value(scale, accumulator), least, most);
            }
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
            new ScaledChannel(1_500_000_000, -9, stage).HoldsAll(accumulator => Value(scale.Value, accumulator), least, most);
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

    /// <summary>As the kernel does it, from 576 times the accumulator on.</summary>
    private static long Value(WinogradScale scale, int accumulator)
    {
        int x = unchecked(scale.Factor * (WinogradTile.Four.Scale * accumulator + scale.Start));
        return (long)x * scale.Multiplier >> WinogradScale.Shift;
    }
}
