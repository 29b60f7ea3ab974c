using System.Text.RegularExpressions;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>The rounding rule, against a second formulation of it, and the worked example of QUANTIZATION.md.</summary>
public sealed partial class RequantizerTests
{
    [Fact]
    public void Equals_the_sign_dependent_nudge_with_truncating_division()
    {
        var random = new Random(7);
        int[] extremes = [0, 1, -1, 1 << 30, -(1 << 30), int.MaxValue, int.MinValue];
        for (int i = 0; i < 500_000; i++)
        {
            int x = i < extremes.Length ? extremes[i] : random.Next(int.MinValue, int.MaxValue) >> random.Next(32);
            int multiplier = random.Next(3) == 0 ? 1 << 30 : random.Next(1 << 30, int.MaxValue);
            long product = (long)x * multiplier;
            long nudge = product >= 0 ? 1L << 30 : 1 - (1L << 30);
            Assert.Equal((int)((product + nudge) / (1L << 31)), Requantizer.DoublingMultiplyHigh(x, multiplier));
        }
    }

    [Fact]
    public void Right_shift_rounds_ties_away_from_zero()
    {
        for (int exponent = 0; exponent <= 10; exponent++)
        {
            for (int x = -5000; x <= 5000; x++)
            {
                int expected = (int)Math.Round(x / Math.Pow(2, exponent), MidpointRounding.AwayFromZero);
                Assert.Equal(expected, Requantizer.RoundingShiftRight(x, exponent));
            }
        }

        Assert.Equal(1, Requantizer.RoundingShiftRight(int.MaxValue, 31));
        Assert.Equal(-1, Requantizer.RoundingShiftRight(int.MinValue, 31));
    }

    [Fact]
    public void A_larger_accumulator_never_gives_a_smaller_byte()
    {
        // around every tie of every shift, in steps of one, and over the whole range in steps of any
        var random = new Random(8);
        int[] multipliers = [0, 1 << 30, (1 << 30) + 1, 1518500250, int.MaxValue, random.Next(1 << 30, int.MaxValue)];
        foreach (int multiplier in multipliers)
        {
            for (int shift = -31; shift <= 30; shift++)
            {
                int limit = (shift >= 0 ? int.MaxValue - 128 : int.MaxValue) >> Math.Max(shift, 0), zeroPoint = random.Next(-128, 128);   // as the reader has it
                double step = Math.Pow(2, 31 - shift) / Math.Max(multiplier, 1);   // accumulators to one output
                foreach (double at in Enumerable.Range(-300, 601).Select(n => (n + 0.5) * step).Where(at => Math.Abs(at) < limit - 4))
                {
                    Ascends([.. Enumerable.Range(-3, 7).Select(i => (int)at + i)], multiplier, shift, zeroPoint);
                }

                int[] sample = [-limit, limit, .. Enumerable.Range(0, 500).Select(_ => random.Next(-limit, limit))];
                Ascends([.. sample.Order()], multiplier, shift, zeroPoint);
            }
        }

        static void Ascends(int[] accumulators, int multiplier, int shift, int zeroPoint)
        {
            int before = sbyte.MinValue;
            foreach (int accumulator in accumulators)
            {
                int found = Requantizer.ToInt8(accumulator, multiplier, shift, zeroPoint, -128, 127);
                Assert.True(found >= before, $"accumulator {accumulator}, multiplier {multiplier}, shift {shift}: {found} after {before}");
                before = found;
            }
        }
    }

    [Theory]
    [InlineData(1.0, 1 << 30, 1)]
    [InlineData(0.5, 1 << 30, 0)]
    [InlineData(0.25, 1 << 30, -1)]
    [InlineData(0.75, 1610612736, 0)]
    [InlineData(0.99999999999, 1 << 30, 1)]     // the mantissa rounds up to one, so it is halved
    [InlineData(1e-12, 0, 0)]
    [InlineData(0.0, 0, 0)]
    public void A_multiplier_is_a_mantissa_and_a_power_of_two(double value, int multiplier, int shift) =>
        Assert.Equal(new QuantizedMultiplier(multiplier, shift), QuantizedMultiplier.From(value));

    [Theory]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(4e9)]
    public void What_is_no_ratio_of_scales_is_refused(double value) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => QuantizedMultiplier.From(value));

    [Fact]
    public void The_accumulator_bound_is_reached_and_never_passed()
    {
        sbyte[] weights = [3, -7, 127, -128, 0];
        foreach (int zeroPoint in new[] { -128, -3, 0, 127 })
        {
            long most = 0;
            for (int pick = 0; pick < 1 << weights.Length; pick++)
            {
                int sum = 100;
                for (int i = 0; i < weights.Length; i++)
                {
                    sum += (((pick >> i & 1) == 0 ? -128 : 127) - zeroPoint) * weights[i];
                    most = Math.Max(most, Math.Abs((long)sum));
                }
            }

            long bound = AccumulatorBound.Of(weights, 0, zeroPoint, 100);
            Assert.InRange(most, bound - 200, bound);
        }
    }

    [Fact]
    public void The_worked_example_of_the_specification_holds()
    {
        string text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "QUANTIZATION.md"));
        double inputScale = Real("input scale"), weightScale = Real("weight scale"), outputScale = Real("output scale");
        int inputZeroPoint = Integer("input zero point"), outputZeroPoint = Integer("output zero point"), bias = Integer("bias");
        int[] x = Integers("input"), w = Integers("weights");

        int accumulator = bias + x.Zip(w, (a, b) => (a - inputZeroPoint) * b).Sum();
        QuantizedMultiplier multiplier = QuantizedMultiplier.From(inputScale * weightScale / outputScale);
        int high = Requantizer.DoublingMultiplyHigh(accumulator, multiplier.Multiplier);
        int shifted = Requantizer.RoundingShiftRight(high, -multiplier.Shift);
        Assert.Equal(Integer("accumulator"), accumulator);
        Assert.Equal(Integer("multiplier"), multiplier.Multiplier);
        Assert.Equal(Integer("shift"), multiplier.Shift);
        Assert.Equal(Integer("h"), high);
        Assert.Equal(Integer("after the right shift"), shifted);
        Assert.Equal(Integer("output"), Requantizer.ToInt8(accumulator, multiplier.Multiplier, multiplier.Shift, outputZeroPoint, -128, 127));

        double Real(string name) => double.Parse(Value(name));
        int Integer(string name) => int.Parse(Value(name));
        int[] Integers(string name) => [.. Value(name).Split(' ').Select(int.Parse)];
        string Value(string name) => Row().Matches(text).Single(m => m.Groups[1].Value == name).Groups[2].Value;
    }

    [GeneratedRegex(@"^\| (.+?) \| `(.+?)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [Fact]
    public void A_right_shift_in_two_steps_is_the_same_where_ties_below_zero_do_not_matter()
    {
        for (int shift = SteppedShift.Least; shift <= SteppedShift.Most; shift++)
        {
            Assert.True(SteppedShift.Fits([-shift]));
            int rest = shift - SteppedShift.First, reach = 600 << shift;
            for (int h = -reach; h <= reach; h += Math.Max(1, shift - SteppedShift.Least) | 1)
            {
                CheckSteps(h, shift, rest);
            }

            CheckSteps(int.MaxValue, shift, rest);
            CheckSteps(int.MinValue, shift, rest);
        }

        Assert.False(SteppedShift.Fits([-SteppedShift.Least, -SteppedShift.Least + 1]));
        Assert.False(SteppedShift.Fits([-SteppedShift.Most, -SteppedShift.Most - 1]));
    }

    /// <summary>For the zero points at both ends and in between, with the clamp of a ReLU.</summary>
    private static void CheckSteps(int h, int shift, int rest)
    {
        int narrowed = Math.Clamp(h >> SteppedShift.First, short.MinValue, short.MaxValue);
        int stepped = (narrowed + (1 << (rest - 1))) >> rest, rule = Requantizer.RoundingShiftRight(h, shift);
        foreach (int zeroPoint in new[] { -128, -1, 0, 127 })
        {
            int expected = Math.Clamp(rule + zeroPoint, zeroPoint, 127), got = Math.Clamp(stepped + zeroPoint, zeroPoint, 127);
            if (expected != got)
            {
                Assert.Fail($"h {h}, shift {shift}, zero point {zeroPoint}: {got} for {expected}");
            }
        }
    }
}
