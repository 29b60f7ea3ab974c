using EdgeConv.Converters.CodeGen;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Tests.CodeGen;

/// <summary>One multiply-add and a shift give the bytes of the two roundings, for every sum that a filter can have.</summary>
public sealed class ThresholdScaleTests
{
    public static TheoryData<int> Factors => [1, 2, 24];

    [Theory]
    [MemberData(nameof(Factors))]
    public void Every_sum_becomes_the_same_byte(int factor)
    {
        Random random = new(factor);
        int solved = 0;
        for (int layer = 0; layer < 60; layer++)
        {
            (int ZeroPoint, int Min, int Max) range = Range(random, layer);
            ThresholdScale.Filter[] filters = [.. Enumerable.Range(0, 1 + random.Next(6)).Select(_ => Filter(random, 1 << random.Next(8, 16)))];
            if (ThresholdScale.Solve(filters, range, factor) is not { } scale)
            {
                continue;
            }

            solved++;
            foreach ((int i, ThresholdScale.Filter filter) in filters.Index())
            {
                for (long sum = filter.Least; sum <= filter.Most; sum++)
                {
                    int expected = Requantizer.ToInt8((int)(sum + filter.Bias), filter.Multiplier, filter.Shift, range.ZeroPoint, range.Min, range.Max);
                    int found = Math.Clamp(scale.Apply((int)(sum * factor), i), range.Min, range.Max);
                    Assert.True(expected == found, $"layer {layer}, filter {filter}, range {range}, sum {sum}: {found}, expected {expected}");
                }
            }
        }

        Assert.InRange(solved, factor == 1 ? 55 : 30, 60);
    }

    [Fact]
    public void A_left_shift_and_sums_beyond_int32_keep_the_two_roundings()
    {
        ThresholdScale.Filter fits = new(1 << 30, -7, 0, -1000, 1000);
        Assert.NotNull(ThresholdScale.Solve([fits], (0, -128, 127), 1));
        Assert.Null(ThresholdScale.Solve([fits with { Shift = 1 }], (0, -128, 127), 1));
        Assert.Null(ThresholdScale.Solve([fits, fits with { Most = int.MaxValue / 2 }], (0, -128, 127), 24));
    }

    // With a ReLU, with a zero point in the middle, with the bounds of ReLU6.
    private static (int ZeroPoint, int Min, int Max) Range(Random random, int layer) => (layer % 3) switch
    {
        0 => (-128, -128, 127),
        1 => (random.Next(-100, 100), -128, 127),
        _ => (-128, -128, random.Next(0, 127)),
    };

    private static ThresholdScale.Filter Filter(Random random, int reach)
    {
        // Scales at which the sums span a part of the outputs or several times all of them.
        int shift = -(int)Math.Clamp(Math.Log2(reach / 128.0) + random.Next(-1, 3), 3, 12);
        return new(random.Next(1 << 30, int.MaxValue), shift, random.Next(-reach, reach), -random.Next(1, reach), random.Next(1, reach));
    }
}
