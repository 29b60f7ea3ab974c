using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Tests.Converters;

namespace EdgeConv.Tests.Quantization;

public class EntropyTests
{
    private static readonly Graph _identity = new(
        "net", new Value("x", [1, 4000]), [new Node("id", new Activate(Activation.None), ["x"], new Value("y", [1, 4000]))], "y");

    [Fact]
    public void AFewOutliersAreClippedAndTheBodyIsKept()
    {
        float[][] samples = Samples(1);
        samples[0][17] = 60;
        samples[5][3] = -40;
        ValueRange range = Calibrator.Run(_identity, samples, CalibrationMethod.Entropy)["y"];
        Assert.InRange(range.Max, 2.5f, 30);
        Assert.InRange(range.Min, -30, -1.5f);
    }

    [Fact]
    public void AnEvenDistributionIsNotClipped()
    {
        Random random = new(2);
        float[][] samples = [.. Enumerable.Range(0, 50).Select(_ => Enumerable.Range(0, 4000).Select(_ => random.NextSingle()).ToArray())];
        ValueRange range = Calibrator.Run(_identity, samples, CalibrationMethod.Entropy)["y"];
        Assert.InRange(range.Max, 0.98f, 1);
        Assert.Equal(0, range.Min);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(3.5f)]
    [InlineData(-2f)]
    public void AValueThatIsAlwaysTheSameKeepsItsRange(float constant)
    {
        float[] sample = [.. Enumerable.Repeat(constant, 4000)];
        ValueRange range = Calibrator.Run(_identity, [sample], CalibrationMethod.Entropy)["y"];
        Assert.InRange(constant, Math.Min(range.Min, 0) - 0.02f, Math.Max(range.Max, 0) + 0.02f);
    }

    [Fact]
    public void RangesStayWithinMinMaxAndHoldZero()
    {
        for (int seed = 0; seed < 10; seed++)
        {
            float[][] samples = [.. Samples(seed).Select(s => s.Select(v => v + seed - 5).ToArray())];
            ValueRange all = Calibrator.Run(_identity, samples)["y"];
            ValueRange chosen = Calibrator.Run(_identity, samples, CalibrationMethod.Entropy)["y"];
            Assert.True(chosen.Min >= Math.Min(all.Min, 0) && chosen.Max <= Math.Max(all.Max, 0), $"seed {seed}: {chosen} in {all}");
            Assert.True(chosen.Min <= 0 && chosen.Max >= 0, $"seed {seed}: {chosen} and zero");
        }
    }

    private static float[][] Samples(int seed) =>
        [.. Enumerable.Range(0, 20).Select(i => Tensors.Random(new Random((seed * 100) + i), 4000))];
}
