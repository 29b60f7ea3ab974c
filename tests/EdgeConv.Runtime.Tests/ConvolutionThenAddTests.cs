using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>A convolution and the sum behind it are one step of an inference, with the bytes of two.</summary>
public sealed class ConvolutionThenAddTests
{
    private const int Seed = 71;

    /// <summary>Where the sum's bytes are.</summary>
    public enum Place
    {
        Apart,
        OverTheConvolutionsInput,
    }

    [Theory]
    [InlineData(1, 12, 9, 16, 3)]
    [InlineData(2, 7, 13, 13, 3)]
    [InlineData(3, 5, 6, 8, 1)]
    [InlineData(1, 30, 31, 5, 1)]
    [InlineData(1, 33, 30, 24, 3)]
    [InlineData(1, 6, 5, 320, 3)]      // more weights than every thread should read
    public void It_gives_the_bytes_of_the_rule_on_every_path_wherever_its_bytes_are(int batch, int height, int width, int channels, int kernel)
    {
        foreach (Place place in Enum.GetValues<Place>())
        {
            var random = new Random(Seed + channels + (int)place);
            using Model model = Residual(random, [batch, height, width, channels], kernel, place);
            sbyte[] input = Bytes(random, batch * height * width * channels);
            sbyte[] expected = TestModel.Run(model, input, KernelPath.Reference);
            KernelPath[] paths = [.. Paths.Supported, .. WinogradPaths.Supported(), .. WinogradPaths.Supported(maxTiles: 3)];
            foreach (KernelPath path in paths)
            {
                for (int threads = 1; threads <= 4; threads++)
                {
                    sbyte[] found = new sbyte[expected.Length];
                    using var net = new Interpreter(model, path, threads, worthwhile: 0);
                    net.Invoke(input, found);
                    Paths.AssertSame(expected, found, $"{place}, {height}x{width}x{channels} on {path} with {threads} threads");
                    bool isOne = place == Place.Apart && path != KernelPath.Reference && (!path.Name.StartsWith("Winograd", StringComparison.Ordinal) || kernel > 1);
                    Assert.Equal(isOne ? 2 : 3, net.Steps);
                }
            }

            Paths.AllGive(expected, model, input, $"{place}, operator by operator");
        }
    }

    [Fact]
    public void A_sum_of_other_layers_stays_by_itself()
    {
        var random = new Random(Seed);
        var model = new TestModel();
        int[] shape = [1, 6, 6, 8];
        int x = model.Activation(shape), a = model.Activation(shape), b = model.Activation(shape), y = model.Activation(shape);
        model.Then(Conv(model, random, x, a, 3, 8)).Then(Conv(model, random, a, b, 3, 8)).Then(Sum(x, a, y));
        using Model built = model.Build();
        foreach (KernelPath path in Paths.Supported)
        {
            using var net = new Interpreter(built, path);
            Assert.Equal(3, net.Steps);
        }
    }

    /// <summary>Two convolutions, and the first one's output added to the second one's.</summary>
    private static Model Residual(Random random, int[] shape, int kernel, Place place)
    {
        var model = new TestModel();
        int channels = shape[3];
        int x = model.Activation(shape, -3), skip = model.Activation(shape), body = model.Activation(shape, 5);
        int y = place == Place.Apart ? model.Activation(shape) : model.InPlace(skip, shape);
        return model.Then(Conv(model, random, x, skip, 1, channels)).Then(Conv(model, random, skip, body, kernel, channels)).Then(Sum(body, x, y)).Build();
    }

    private static Conv2DOp Conv(TestModel model, Random random, int input, int output, int kernel, int channels)
    {
        int pad = kernel / 2, taps = kernel * kernel * channels;
        int[] multipliers = [.. Enumerable.Range(0, channels).Select(_ => random.Next(1 << 30, int.MaxValue))];
        int[] shifts = [.. Enumerable.Repeat(-6 - (int)Math.Log2(taps) / 2, channels)];
        return new Conv2DOp($"conv{output}", input, output, model.Constant(Bytes(random, channels * taps), [channels, kernel, kernel, channels]),
            model.Constant(new int[channels]), model.Constant(multipliers), model.Constant(shifts),
            new Window(kernel, kernel, PadTop: pad, PadLeft: pad, PadBottom: pad, PadRight: pad), 1, -128, 127);
    }

    private static AddOp Sum(int a, int b, int y) => new("sum", a, b, y, QuantizedMultiplier.From(0.31), QuantizedMultiplier.From(0.5),
        QuantizedMultiplier.From(1.3 / (1 << AddOp.LeftShift)), Subtract: false, 0, 90);

    private static sbyte[] Bytes(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (sbyte)random.Next(-127, 128))];
}
