using EdgeConv.Runtime.Kernels.Vector;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>Requantization by one line gives the rule's byte for every accumulator, or is not taken.</summary>
public sealed class LinearScaleTests
{
    private const int Seed = 54;

    [Fact]
    public void Every_accumulator_of_a_small_range_gets_the_byte_of_the_rule()
    {
        var random = new Random(Seed);
        int found = 0;
        for (int i = 0; i < 150; i++)
        {
            var channel = ScaledChannel.Rectified(random, random.Next(0, 10));
            (int least, int most) = (-random.Next(1, 30_000), random.Next(1, 60_000));
            if (LinearScale.Solve(channel.Multiplier, channel.Shift, channel.Stage, least, most) is { } scale)
            {
                found++;
                channel.HoldsAll(accumulator => Value(scale, accumulator), least, most);
            }
        }

        Assert.InRange(found, 75, 149);   // not where a byte is few accumulators
    }

    [Theory]
    [InlineData(60_000, 8, 0.97)]
    [InlineData(146_000, 9, 0.97)]
    [InlineData(600_000, 10, 0.97)]
    [InlineData(2_000_000, 12, 0.3)]
    [InlineData(int.MaxValue, 20, 0)]   // more accumulators than a float's fraction holds
    public void A_depthwise_layer_has_one_for_nearly_every_channel_and_it_holds_on_both_sides_of_each_byte(int reach, int right, double share)
    {
        var random = new Random(Seed + right);
        const int Channels = 100;
        int found = 0;
        for (int i = 0; i < Channels; i++)
        {
            var channel = ScaledChannel.Rectified(random, right);
            (int least, int most) = (-random.Next(reach / 2, reach), random.Next(reach / 2, reach));
            if (LinearScale.Solve(channel.Multiplier, channel.Shift, channel.Stage, least, most) is { } scale)
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
        foreach ((int least, int most) in new[] { (0, 0), (-5, 3), (-9000, -8000), (50, 60), (700_000, 700_100), (-900_000, -800_000) }
            .Append((int.MaxValue - 9, int.MaxValue)).Append((int.MinValue, int.MinValue + 9)))
        {
            var stage = new OutputStage([-9], -128, -128, 127);
            LinearScale? scale = LinearScale.Solve(1_500_000_000, -9, stage, least, most);
            Assert.NotNull(scale);
            new ScaledChannel(1_500_000_000, -9, stage).HoldsAll(accumulator => Value(scale.Value, accumulator), least, most);
        }
    }

    [Theory]
    [InlineData(1 << 30, -8, -20, -128, 127)]     // ties below zero go the other way
    [InlineData(1 << 30, 1, -128, -128, 127)]     // shifted left
    [InlineData(0, -8, -128, -128, 127)]
    [InlineData(1 << 30, -31, -128, -128, 127)]
    [InlineData(1 << 30, -2, -128, -128, 127)]    // bytes before the clamp that leave int16
    public void Other_channels_keep_the_rule(int multiplier, int shift, int zeroPoint, int min, int max) =>
        Assert.Null(LinearScale.Solve(multiplier, shift, new OutputStage([shift], zeroPoint, min, max), -100_000, 200_000));

    /// <summary>As the kernel does it: a float of int32 bits, a fused product, int16.</summary>
    private static long Value(LinearScale scale, int accumulator)
    {
        float fraction = BitConverter.Int32BitsToSingle(unchecked(accumulator + scale.Start));
        float rounded = MathF.FusedMultiplyAdd(-fraction, scale.Multiplier, 2);
        return unchecked((short)((short)BitConverter.SingleToInt32Bits(rounded) - scale.Origin));
    }
}
