using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>The bound equals the plain sum over the weights, whatever their number and zero point.</summary>
public sealed class AccumulatorBoundTests
{
    private const int Seed = 11;

    [Theory]
    [InlineData(0)]
    [InlineData(-128)]
    [InlineData(127)]
    [InlineData(3)]
    public void It_is_what_the_worst_input_gives(int weightZeroPoint)
    {
        var random = new Random(Seed);
        foreach (int length in new[] { 0, 1, 15, 16, 17, 31, 33, 1023, 1024, 1025, 1040, 5000 })
        {
            foreach (int extreme in new[] { -128, 127, 0 })
            {
                sbyte[] weights = [.. Enumerable.Range(0, length).Select(_ => (sbyte)(extreme == 0 ? random.Next(-128, 128) : extreme))];
                int inputZeroPoint = random.Next(-128, 128), bias = random.Next(-100_000, 100_000);
                long most = 0, least = 0, magnitude = 0;
                foreach (int w in weights.Select(w => w - weightZeroPoint))
                {
                    most += Math.Max(w * (127 - inputZeroPoint), w * (-128 - inputZeroPoint));
                    least += Math.Min(w * (127 - inputZeroPoint), w * (-128 - inputZeroPoint));
                    magnitude += 32768L * Math.Abs(w);
                }

                long expected = new[] { most, most + bias, -least, -(least + bias) }.Max();
                string what = $"seed {Seed}, {length} weights, zero points {weightZeroPoint} and {inputZeroPoint}, bias {bias}";
                Assert.True(expected == AccumulatorBound.Of(weights, weightZeroPoint, inputZeroPoint, bias), what);
                Assert.True(magnitude + Math.Abs(bias) == AccumulatorBound.OfInt16(weights, weightZeroPoint, bias), what);
            }
        }
    }
}
