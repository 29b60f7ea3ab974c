using EdgeConv.Runtime.Kernels.Vector;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>A channel by the rule of requantization, against which what stands for the rule is held.</summary>
internal readonly record struct ScaledChannel(int Multiplier, int Shift, OutputStage Stage)
{
    /// <summary>Of a layer with ReLU, most of them with the zero point that the quantizer gives it.</summary>
    public static ScaledChannel Rectified(Random random, int right)
    {
        int zeroPoint = random.Next(3) > 0 ? -128 : random.Next(-128, 100), max = random.Next(4) > 0 ? 127 : random.Next(zeroPoint + 1, 128);
        return new ScaledChannel(MultiplierOf(random), -right, new OutputStage([-right], zeroPoint, zeroPoint, max));
    }

    /// <summary>Any, and now and then one of the ends: what stands for the rule has its narrow places at powers of two.</summary>
    public static int MultiplierOf(Random random) => random.Next(16) switch { 0 => 1 << 30, 1 => int.MaxValue, _ => random.Next(1 << 30, int.MaxValue) };

    /// <summary>Every accumulator has the rule's byte.</summary>
    /// <param name="value">Of an accumulator, before the clamp.</param>
    /// <param name="least">The smallest accumulator.</param>
    /// <param name="most">The largest.</param>
    public void HoldsAll(Func<int, long> value, int least, int most)
    {
        for (long accumulator = least; accumulator <= most; accumulator++)
        {
            Holds(value, (int)accumulator);
        }
    }

    /// <summary>The accumulators on both sides of each byte's first have the rule's byte, and both ends.</summary>
    public void HoldsAtEachByte(Func<int, long> value, int least, int most)
    {
        Span<int> firsts = stackalloc int[255];
        int count = new ByteSteps(Multiplier, Shift, Stage.ZeroPoint, Stage.Min, Stage.Max).Firsts(Stage.Min + 1, Stage.Max, firsts);
        foreach (int first in firsts[..count])
        {
            Holds(value, Math.Clamp(first, least, most));
            Holds(value, Math.Clamp(first - 1, least, most));
        }

        Holds(value, least);
        Holds(value, most);
    }

    private void Holds(Func<int, long> value, int accumulator)
    {
        long found = value(accumulator);
        int expected = Requantizer.ToInt8(accumulator, Multiplier, Shift, Stage.ZeroPoint, Stage.Min, Stage.Max);
        Assert.True(Math.Clamp(found, Stage.Min, Stage.Max) == expected,
            $"{accumulator} with {Multiplier}, {Shift} and zero point {Stage.ZeroPoint}: {found}, expected {expected}");
    }
}
