using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>The sum in one multiplication an input is the rule's sum, pair by pair, and it is found for the scales that networks have.</summary>
public sealed class LinearSumTests
{
    [Fact]
    public void It_gives_the_byte_of_the_rule_for_every_pair()
    {
        var random = new Random(20);
        int solved = 0;
        const int cases = 60;
        for (int i = 0; i < cases; i++)
        {
            AddOp op = Op(random, subtract: i % 4 == 3, relu: i % 2 == 0);
            int zeroA = random.Next(-128, 128), zeroB = random.Next(-128, 128), zeroY = i % 2 == 0 ? op.Min : random.Next(-128, 128);
            if (LinearSum.Solve(op, zeroA, zeroB, zeroY) is { } sum)
            {
                solved++;
                Check(op, zeroA, zeroB, zeroY, sum);
            }
        }

        Assert.InRange(solved, cases * 9 / 10, cases);
    }

    [Theory]
    [InlineData(1.0, 1.0, 2.0)]      // every second sum is a tie
    [InlineData(1.0, 1.0, 1.0)]
    [InlineData(0.5, 0.25, 0.125)]   // most sums are clamped
    public void Ties_are_as_the_rule_has_them_or_there_is_no_answer(double a, double b, double y)
    {
        AddOp op = Op(a, b, y, subtract: false, min: -128);
        if (LinearSum.Solve(op, 0, 0, 0) is { } sum)
        {
            Check(op, 0, 0, 0, sum);
        }
    }

    [Fact]
    public void There_is_no_answer_where_a_sum_would_leave_int32()
    {
        var huge = new QuantizedMultiplier(int.MaxValue, 20);
        Assert.Null(LinearSum.Solve(new AddOp("sum", 0, 1, 2, huge, huge, huge, false, -128, 127), 0, 0, 0));
    }

    private static void Check(AddOp op, int zeroA, int zeroB, int zeroY, LinearSum sum)
    {
        for (int a = -128; a < 128; a++)
        {
            int scaledA = Requantizer.Scale((a - zeroA) << AddOp.LeftShift, op.InputFactor.Multiplier, op.InputFactor.Shift);
            for (int b = -128; b < 128; b++)
            {
                int scaledB = Requantizer.Scale((b - zeroB) << AddOp.LeftShift, op.OtherFactor.Multiplier, op.OtherFactor.Shift);
                int exact = op.Subtract ? scaledA - scaledB : scaledA + scaledB;
                int expected = Requantizer.ToInt8(exact, op.OutputFactor.Multiplier, op.OutputFactor.Shift, zeroY, op.Min, op.Max);
                int found = checked(a * sum.FactorA + b * sum.FactorB + sum.Constant) >> sum.Shift;
                Assert.True(Math.Clamp(found, op.Min, op.Max) == expected, $"{op}, {sum}: {a} and {b} give {found}, the rule {expected}");
                Assert.InRange(found, short.MinValue, short.MaxValue);
            }
        }
    }

    private static AddOp Op(Random random, bool subtract, bool relu)
    {
        double a = 0.01 + 0.1 * random.NextDouble(), b = 0.01 + 0.1 * random.NextDouble();
        return Op(a, b, (0.5 + random.NextDouble()) * (a + b) / (relu ? 2 : 1), subtract, relu ? random.Next(-128, 1) : -128);
    }

    private static AddOp Op(double a, double b, double y, bool subtract, int min)
    {
        double twice = 2 * Math.Max(a, b);
        return new AddOp("sum", 0, 1, 2, QuantizedMultiplier.From(a / twice), QuantizedMultiplier.From(b / twice),
            QuantizedMultiplier.From(twice / ((1 << AddOp.LeftShift) * y)), subtract, min, 127);
    }
}
