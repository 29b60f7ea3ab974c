using EdgeConv.Converters;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;

namespace EdgeConv.Tests.Converters;

public class CalibratorTests
{
    private static readonly Graph _identity = new(
        "net", new Value("x", [1, 1000]), [new Node("id", new Activate(Activation.None), ["x"], new Value("y", [1, 1000]))], "y");

    [Fact]
    public void MinMaxIsExact()
    {
        float[][] samples = Samples(1);
        ValueRange range = Calibrator.Run(_identity, samples)["y"];
        Assert.Equal(samples.Min(s => s.Min()), range.Min);
        Assert.Equal(samples.Max(s => s.Max()), range.Max);
    }

    [Fact]
    public void APercentileLeavesOutliersOut()
    {
        float[][] samples = Samples(2);
        samples[3][7] = 300;
        ValueRange range = Calibrator.Run(_identity, samples, CalibrationMethod.Percentile)["y"];
        Assert.InRange(range.Max, 2, 200);
        Assert.InRange(range.Min, -7, -2);
    }

    [Theory]
    [InlineData(CalibrationMethod.Percentile)]
    [InlineData(CalibrationMethod.MeanSquaredError)]
    public void RangesStayWithinMinMaxAndHoldZero(CalibrationMethod method)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            float offset = seed - 10;
            float[][] samples = [.. Samples(seed).Select(s => s.Select(v => v + offset).ToArray())];
            ValueRange all = Calibrator.Run(_identity, samples)["y"], chosen = Calibrator.Run(_identity, samples, method)["y"];
            Assert.True(chosen.Min >= Math.Min(all.Min, 0) && chosen.Max <= Math.Max(all.Max, 0), $"seed {seed}: {chosen} in {all}");
            Assert.True(chosen.Min <= 0 && chosen.Max >= 0, $"seed {seed}: {chosen} and zero");
        }
    }

    [Fact]
    public void TheLeastSquaredErrorIsNoWorseThanMinMax()
    {
        for (int seed = 0; seed < 10; seed++)
        {
            float[][] samples = [.. Samples(seed).Select(s => s.Select(v => v * v * v).ToArray())];
            double Error(CalibrationMethod method)
            {
                ActivationQuantization q = ActivationQuantization.FromRange(Calibrator.Run(_identity, samples, method)["y"]);
                return samples.Sum(s => s.Sum(v => Math.Pow(v - q.Dequantize(q.Quantize(v)), 2)));
            }

            (double chosen, double all) = (Error(CalibrationMethod.MeanSquaredError), Error(CalibrationMethod.MinMax));
            Assert.True(chosen <= all * 1.01, $"seed {seed}: {chosen} against {all}");
        }
    }

    [Fact]
    public void PicturesHaveTheRangeOfAllPixels()
    {
        Graph graph = TestNetworks.LeNet5(1);
        Ranges ranges = Calibrator.Run(graph, [new float[784]]);
        ActivationQuantization q = ActivationQuantization.FromRange(ranges[graph.Input.Name]);
        var tables = Lowering.Preprocessing(TestNetworks.Digits, new QuantizedValue("x", graph.Input.Shape, q)).Tables;
        Assert.Equal(Enumerable.Range(-128, 256).Select(p => (sbyte)p), tables.ToArray());
    }

    [Fact]
    public void NoSamplesOddSamplesAndNotANumberAreErrors()
    {
        Assert.Contains("got none", Assert.Throws<ConversionException>(() => Calibrator.Run(_identity, [])).Message);
        Assert.Contains("999 values", Assert.Throws<ConversionException>(() => Calibrator.Run(_identity, [new float[999]])).Message);
        float[] broken = new float[1000];
        broken[5] = float.NaN;
        Assert.Contains("'x' takes the value NaN", Assert.Throws<ConversionException>(() => Calibrator.Run(_identity, [broken])).Message);
    }

    private static float[][] Samples(int seed) =>
        [.. Enumerable.Range(0, 40).Select(i => Tensors.Random(new Random((seed * 100) + i), 1000))];
}
