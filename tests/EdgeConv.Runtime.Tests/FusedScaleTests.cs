using System.Text.RegularExpressions;
using EdgeConv.Runtime.Kernels.Vector;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>Requantization by one fused multiply-add of floats gives the rule's byte for every accumulator, or is not taken.</summary>
public sealed partial class FusedScaleTests
{
    private const int Seed = 55;

    [Fact]
    public void Every_accumulator_of_a_small_range_gets_the_byte_of_the_rule()
    {
        var random = new Random(Seed);
        int found = 0;
        for (int i = 0; i < 12; i++)
        {
            ScaledChannel channel = Rectified(random, random.Next(0, 10));
            (int least, int most) = (-random.Next(1, 30_000), random.Next(1, 60_000));
            if (FusedScale.Solve(channel.Multiplier, channel.Shift, channel.Stage, least, most) is { } scale)
            {
                found++;
                channel.HoldsAll(accumulator => Byte(scale, accumulator), least, most);
            }
        }

        Assert.InRange(found, 6, 12);
    }

    [Theory]
    [InlineData(60_000, 7, 0.97)]
    [InlineData(600_000, 8, 0.97)]
    [InlineData(2_000_000, 9, 0.97)]
    [InlineData(8_000_000, 10, 0.97)]   // beyond the floats that are integers, where the clamp is all that counts
    [InlineData(20_000_000, 12, 0.2)]
    public void Nearly_every_channel_has_one_and_it_holds_on_both_sides_of_each_byte(int reach, int right, double share)
    {
        var random = new Random(Seed + right);
        const int Channels = 40;
        int found = 0;
        for (int i = 0; i < Channels; i++)
        {
            ScaledChannel channel = Rectified(random, right);
            (int least, int most) = (-random.Next(reach / 2, reach), random.Next(reach / 2, reach));
            if (FusedScale.Solve(channel.Multiplier, channel.Shift, channel.Stage, least, most) is { } scale)
            {
                found++;
                channel.HoldsAtEachByte(accumulator => Byte(scale, accumulator), least, most);
            }
        }

        Assert.True(found >= share * Channels, $"{found} of {Channels}");
    }

    /// <summary>Where the factor is a power of two every byte begins at a tie of floats; slopes next to it need a bit more than floats have.</summary>
    [Theory]
    [InlineData(1 << 30)]
    [InlineData((1 << 30) + 1)]
    [InlineData(int.MaxValue - 31)]
    [InlineData(int.MaxValue)]
    public void Powers_of_two_and_what_is_next_to_them_have_one(int multiplier)
    {
        for (int right = 4; right <= 12; right++)
        {
            var channel = new ScaledChannel(multiplier, -right, new OutputStage([-right], -128, -128, 127));
            int reach = 400 << right;
            FusedScale? scale = FusedScale.Solve(multiplier, -right, channel.Stage, -reach, reach);
            Assert.NotNull(scale);
            channel.HoldsAtEachByte(accumulator => Byte(scale.Value, accumulator), -reach, reach);
        }
    }

    [Fact]
    public void A_channel_that_always_gives_the_same_byte_has_one()
    {
        foreach ((int least, int most) in new[] { (0, 0), (-5, 3), (-9000, -8000), (50, 60), (700_000, 700_100), (-900_000, -800_000) })
        {
            var stage = new OutputStage([-9], -128, -128, 127);
            FusedScale? scale = FusedScale.Solve(1_500_000_000, -9, stage, least, most);
            Assert.NotNull(scale);
            new ScaledChannel(1_500_000_000, -9, stage).HoldsAll(accumulator => Byte(scale.Value, accumulator), least, most);
        }
    }

    [Theory]
    [InlineData(1 << 30, -8, -20, -128, 127, 200_000)]     // ties below zero go the other way
    [InlineData(1 << 30, -8, -128, -128, 100, 200_000)]    // saturation is not the clamp
    [InlineData(1 << 30, 1, -128, -128, 127, 200_000)]     // shifted left
    [InlineData(0, -8, -128, -128, 127, 200_000)]
    [InlineData(1 << 30, -31, -128, -128, 127, 200_000)]
    [InlineData(1 << 30, -2, -128, -128, 127, 400_000)]    // bytes before the clamp that leave int16
    [InlineData(1 << 30, -9, -128, -128, 127, int.MaxValue)]
    public void Other_channels_keep_the_rule(int multiplier, int shift, int zeroPoint, int min, int max, int most) =>
        Assert.Null(FusedScale.Solve(multiplier, shift, new OutputStage([shift], zeroPoint, min, max), -100_000, most));

    /// <summary>Whatever else there may be: that of the page is one.</summary>
    [Fact]
    public void The_example_of_the_page_gives_the_byte_of_the_rule()
    {
        const int Centre = 3 << 22;
        string page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "QUANTIZATION.md"));
        var channel = new ScaledChannel((int)Number("multiplier"), (int)Number("shift"), new OutputStage([(int)Number("shift")], -128, -128, 127));
        int[] ends = [.. Numbers("accumulators").Select(n => (int)n)];
        Span<int> firsts = stackalloc int[255];
        new ByteSteps(channel.Multiplier, channel.Shift, -128, -128, 127).Firsts(-127, 127, firsts);
        Assert.Equal([firsts[0], firsts[1], firsts[^1]], Numbers("F(-127), F(-126) and F(127)"));

        (long s, int bits, long t) = (Number("s"), (int)Number("B"), Number("t"));
        (long low, long high) = (long.MinValue, long.MaxValue);
        for (int i = 0; i < firsts.Length; i++)
        {
            long end = ((i - 127L) << bits) - s * firsts[i];
            (low, high) = (Math.Max(low, end), Math.Min(high, end + s));
        }

        (long start, long addend) = (Number("start"), Number("addend"));
        Assert.Equal((Number("t, more than"), Number("t, less than")), (low, high));
        Assert.InRange(t, low + 1, high - 1);
        Assert.Equal(t, (Centre + start) * s + (1L << (bits - 1)) + ((addend - Centre) << bits));
        var scale = new FusedScale((int)(BitConverter.SingleToInt32Bits(Centre) + start), (float)Math.ScaleB(s, -bits), addend, 0, 0);
        channel.HoldsAll(accumulator => Byte(scale, accumulator), ends[0], ends[1]);
        int one = (int)Number("an accumulator");
        Assert.Equal(Number("its sum, as a float"), BitConverter.Int32BitsToSingle(one + scale.Start));
        Assert.Equal(Number("times s / 2^B plus the addend, rounded, less 3 * 2^22"), scale.Value(one));

        long Number(string name) => Numbers(name).Single();
        long[] Numbers(string name) => [.. Row().Matches(page).Single(m => m.Groups[1].Value == name).Groups[2].Value.Split(' ').Select(long.Parse)];
    }

    [GeneratedRegex(@"^\| (.+?) \| `(.+?)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    private static ScaledChannel Rectified(Random random, int right) =>
        new(ScaledChannel.MultiplierOf(random), -right, new OutputStage([-right], -128, -128, 127));

    /// <summary>As the kernel does it: the lower 16 bits of a float.</summary>
    private static long Byte(FusedScale scale, int accumulator)
    {
        int sum = unchecked(accumulator + scale.Start);
        sum = sum == scale.Missed ? scale.Instead : sum;
        return (short)BitConverter.SingleToInt32Bits(MathF.FusedMultiplyAdd(BitConverter.Int32BitsToSingle(sum), scale.Multiplier, scale.Addend));
    }
}
