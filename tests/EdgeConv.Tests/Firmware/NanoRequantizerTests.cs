using EdgeConv.Runtime.Quantization;
using NanoRequantizer = EdgeConv.Nano.Requantizer;

namespace EdgeConv.Tests.Firmware;

/// <summary>The microcontroller's requantization against the runtime's and against the written rule.</summary>
public sealed class NanoRequantizerTests
{
    private static readonly int[] _accumulators =
        [int.MinValue, int.MinValue + 1, -(1 << 30), -65537, -257, -256, -129, -128, -127, -3, -2, -1, 0, 1, 2, 3, 127, 128, 129, 255, 256,
            65535, 1 << 30, int.MaxValue - 1, int.MaxValue];

    private static readonly int[] _multipliers = [0, 1 << 30, (1 << 30) + 1, 0x5555_5555, 0x6000_0000, int.MaxValue - 1, int.MaxValue];

    [Fact]
    public void Extremes_at_every_shift()
    {
        foreach (int accumulator in _accumulators)
        {
            foreach (int multiplier in _multipliers)
            {
                for (int shift = -31; shift <= 30; shift++)
                {
                    Compare(accumulator, multiplier, shift, 0, -128, 127);
                    Compare(accumulator, multiplier, shift, -128, -128, 127);
                    Compare(accumulator, multiplier, shift, 127, -7, 101);
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20260101)]
    public void A_million_random_ones(int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < 1_000_000; i++)
        {
            int accumulator = (int)random.NextInt64(int.MinValue, 1L << 31) >> random.Next(0, 31);
            int multiplier = random.Next(1 << 30, int.MaxValue);
            Compare(accumulator, multiplier, random.Next(-31, 8), random.Next(-128, 128), -128, random.Next(0, 128));
        }
    }

    [Fact]
    public void The_product_rounds_ties_up_and_the_shift_rounds_them_away_from_zero()
    {
        Assert.Equal([2, 1, 1, 0, 0, -1, -1], new[] { 3, 2, 1, 0, -1, -2, -3 }.Select(x => NanoRequantizer.Scale(x, 1 << 30, 0)));
        Assert.Equal([3, 2, 1, -1, -2, -3], new[] { 10, 6, 2, -2, -6, -10 }.Select(x => NanoRequantizer.Scale(2 * x, 1 << 30, -2)));
    }

    private static void Compare(int accumulator, int multiplier, int shift, int zeroPoint, int min, int max)
    {
        int scaled = NanoRequantizer.Scale(accumulator, multiplier, shift);
        int found = NanoRequantizer.ToInt8(accumulator, multiplier, shift, zeroPoint, min, max);
        int expected = Requantizer.ToInt8(accumulator, multiplier, shift, zeroPoint, min, max);
        if (scaled != Rule(accumulator, multiplier, shift) || found != expected)
        {
            Assert.Fail($"accumulator {accumulator}, multiplier {multiplier}, shift {shift}, zero point {zeroPoint}, [{min}, {max}]: "
                + $"{scaled} and {found}; expected {Rule(accumulator, multiplier, shift)} and {expected}");
        }
    }

    // The rule in numbers too wide to overflow after its first step.
    private static Int128 Rule(int accumulator, int multiplier, int shift)
    {
        int x = accumulator << Math.Max(shift, 0);
        Int128 h = ((Int128)x * multiplier + (1L << 30)) >> 31;
        int e = Math.Max(-shift, 0);
        Int128 remainder = h - ((h >> e) << e);
        Int128 half = ((((Int128)1 << e) - 1) >> 1) + (h < 0 ? 1 : 0);
        return (h >> e) + (remainder > half ? 1 : 0);
    }
}
