using System.Numerics;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>
/// Layers with int16 activations on every path, against plain loops in big integers: awkward shapes, shapes from a seed, extremes, and sums
/// that no int32 holds.
/// </summary>
public sealed class WideParityTests
{
    private const int Seed = 1608;

    [Theory]
    [InlineData(1, 1, 1, 1, 1, 1, 0)]      // a single multiplication
    [InlineData(1, 1, 257, 9, 1, 1, 0)]    // 1x1 image, one channel more than a vector's worth
    [InlineData(2, 1, 1, 3, 7, 3, 3)]      // a kernel larger than the image, padded
    [InlineData(1, 9, 3, 17, 2, 5, 1)]     // a stride larger than the kernel
    [InlineData(1, 4, 130, 8, 3, 1, 1)]    // 1,170 taps: three blocks of runs
    [InlineData(1, 3, 600, 3, 1, 1, 0)]    // a run longer than a block
    [InlineData(1, 2, 521, 2, 2, 1, 1)]    // and several of them, none a whole number of steps
    public void Convolution_of_awkward_shapes(int batch, int size, int channels, int outputs, int kernel, int stride, int pad)
    {
        var window = new Window(kernel, kernel, stride, stride, PadTop: pad, PadLeft: pad, PadBottom: pad, PadRight: pad);
        Check(new Random(Seed), [batch, size, size + 1, channels], window, 1, outputs, narrow: false, extreme: false);
        Check(new Random(Seed), [batch, size, size + 1, channels], window, 1, outputs, narrow: channels < 100, extreme: false);
        Check(new Random(Seed), [batch, size, size + 1, channels], window, 1, outputs, narrow: false, extreme: true);
    }

    [Fact]
    public void Convolution_of_two_hundred_shapes_from_a_seed()
    {
        for (int i = 0; i < 200; i++)
        {
            var random = new Random(Seed + i);
            int groups = random.Next(4) == 0 ? random.Next(2, 5) : 1;
            int channels = groups * random.Next(1, 20), outputs = groups * random.Next(1, 20);
            var window = new Window(random.Next(1, 6), random.Next(1, 6), random.Next(1, 4), random.Next(1, 4), random.Next(1, 3), random.Next(1, 3),
                random.Next(3), random.Next(3), random.Next(3), random.Next(3));
            int[] shape = [random.Next(1, 3), window.SpanH + random.Next(6), window.SpanW + random.Next(9), channels];
            Check(random, shape, window, groups, outputs, narrow: random.Next(3) == 0, extreme: random.Next(5) == 0);
        }
    }

    [Theory]
    [InlineData(1, 3, 3, 1)]
    [InlineData(3, 3, 3, 1)]
    [InlineData(8, 5, 3, 2)]
    [InlineData(19, 1, 4, 1)]
    [InlineData(257, 2, 2, 1)]
    [InlineData(9, 23, 23, 1)]     // 529 taps: two blocks
    public void Depthwise_convolution(int channels, int kernelH, int kernelW, int dilation)
    {
        var window = new Window(kernelH, kernelW, 1, 2, dilation, dilation, kernelH / 2, kernelW / 2, kernelH / 2, kernelW / 2);
        var random = new Random(Seed + channels);
        Check(random, [2, 5, 6, channels], window, channels, channels, narrow: false, extreme: false);
        Check(random, [1, 5, 6, channels], window, channels, channels, narrow: false, extreme: true);
        Check(random, [1, 5, 6, channels], window, channels, 2 * channels, narrow: false, extreme: false);
    }

    [Theory]
    [InlineData(1, 1, 1, 0)]
    [InlineData(1, 400, 12, 0)]
    [InlineData(13, 37, 29, 0)]
    [InlineData(9, 65, 8, -7)]
    [InlineData(2, 4001, 9, 127)]
    public void Fully_connected(int rows, int inputs, int outputs, int weightZeroPoint)
    {
        foreach (bool extreme in new[] { false, true })
        {
            var random = new Random(Seed + inputs);
            short[] x = Words(random, rows * inputs, extreme);
            sbyte[] weights = Bytes(random, outputs * inputs, extreme);
            var layer = new Layer(random, outputs, narrow: false, (long)inputs * 160);
            var model = new TestModel();
            int a = model.WideActivation([rows, inputs]), b = model.WideActivation([rows, outputs]);
            using Model built = model.Then(new FullyConnectedOp("fc", a, b, model.Constant(weights, [outputs, inputs], weightZeroPoint),
                layer.Bias(model), layer.Multipliers(model), layer.Shifts(model), layer.Min, layer.Max)).Build();
            short[] expected = new short[rows * outputs];
            for (int i = 0; i < expected.Length; i++)
            {
                (int n, int o) = (i / outputs, i % outputs);
                BigInteger sum = 0;
                for (int k = 0; k < inputs; k++)
                {
                    sum += x[n * inputs + k] * (weights[o * inputs + k] - weightZeroPoint);
                }

                expected[i] = layer.Finish(o, sum);
            }

            Paths.AllGive(expected, built, x, $"{rows}x{inputs} -> {outputs}, zero point {weightZeroPoint}, extreme {extreme}");
        }
    }

    [Fact]
    public void Transposed_convolution_of_forty_shapes_from_a_seed()
    {
        for (int i = 0; i < 40; i++)
        {
            var random = new Random(Seed + i);
            var window = new Window(random.Next(1, 5), random.Next(1, 5), random.Next(1, 4), random.Next(1, 4), PadTop: random.Next(2), PadLeft: random.Next(2));
            int outH = window.SpanH + random.Next(6), outW = window.SpanW + random.Next(6), channels = random.Next(1, 5), outputs = random.Next(1, 5);
            int height = window.OutputH(outH), width = window.OutputW(outW);
            short[] input = Words(random, height * width * channels, random.Next(3) == 0);
            sbyte[] weights = Bytes(random, outputs * window.KernelH * window.KernelW * channels, random.Next(3) == 0);
            bool isInt4 = i % 4 == 0;
            weights = isInt4 ? [.. weights.Select(w => (sbyte)(w >> 4))] : weights;
            var layer = new Layer(random, outputs, narrow: random.Next(2) == 0, 100);
            var sums = new BigInteger[outH * outW * outputs];
            for (int t = 0; t < input.Length * (weights.Length / channels); t++)
            {
                (int at, int tap) = (t / (weights.Length / channels), t % (weights.Length / channels));
                (int h, int w, int c) = (at / channels / width, at / channels % width, at % channels);
                (int o, int ky, int kx) = (tap / window.KernelW / window.KernelH, tap / window.KernelW % window.KernelH, tap % window.KernelW);
                int y = h * window.StrideH + ky - window.PadTop, x = w * window.StrideW + kx - window.PadLeft;
                if ((uint)y < (uint)outH && (uint)x < (uint)outW)
                {
                    sums[(y * outW + x) * outputs + o] += input[at] * weights[tap * channels + c];
                }
            }

            var model = new TestModel();
            int a = model.WideActivation([1, height, width, channels]), b = model.WideActivation([1, outH, outW, outputs]);
            int[] shape = [outputs, window.KernelH, window.KernelW, channels];
            using Model built = model.Then(new TransposeConvOp("up", a, b, isInt4 ? model.PackedConstant(weights, shape) : model.Constant(weights, shape),
                layer.Bias(model), layer.Multipliers(model), layer.Shifts(model), window, layer.Min, layer.Max)).Build();
            Paths.AllGive([.. sums.Select((s, j) => layer.Finish(j % outputs, s))], built, input, $"seed {Seed + i}, {window}");
        }
    }

    [Fact]
    public void What_moves_elements_moves_both_bytes_of_each()
    {
        var random = new Random(Seed);
        short[] input = Words(random, 2 * 3 * 5, extreme: false);
        var model = new TestModel();
        int x = model.WideActivation([1, 2, 3, 5]), turned = model.WideActivation([1, 5, 2, 3]), framed = model.WideActivation([1, 6, 5, 4]);
        int twice = model.WideActivation([1, 6, 5, 8]), flat = model.WideActivation([1, 240]);
        using Model built = model
            .Then(new TransposeOp("turn", x, turned, 0, 3, 1, 2))
            .Then(new PadOp("frame", turned, framed, 1, 2, 0, 1, 1, 0, -12345))
            .Then(new ConcatOp("twice", [framed, framed], twice, 3))
            .Then(new ReshapeOp("flatten", twice, flat))
            .Build();
        short[] expected = new short[240];
        for (int i = 0; i < expected.Length; i++)
        {
            (int h, int w, int c) = (i / 8 / 5 - 1, i / 8 % 5 - 2, i % 4 - 1);
            expected[i] = h >= 0 && w is >= 0 and < 2 && c >= 0 ? input[(w * 3 + c) * 5 + h] : (short)-12345;
        }

        Paths.AllGive(expected, built, input, "transpose, pad, concat, reshape");
    }

    private static void Check(Random random, int[] shape, Window window, int groups, int outputs, bool narrow, bool extreme)
    {
        (int height, int width, int channels) = (shape[1], shape[2], shape[3]);
        int depth = channels / groups, taps = window.KernelH * window.KernelW * depth;
        int outH = window.OutputH(height), outW = window.OutputW(width);
        short[] x = Words(random, shape.Aggregate(1, (a, b) => a * b), extreme);
        sbyte[] weights = Bytes(random, outputs * taps, extreme);
        var layer = new Layer(random, outputs, narrow, taps);
        var model = new TestModel();
        int a = model.WideActivation(shape), b = model.WideActivation([shape[0], outH, outW, outputs]);
        using Model built = model.Then(new Conv2DOp("conv", a, b, model.Constant(weights, [outputs, window.KernelH, window.KernelW, depth]),
            layer.Bias(model), layer.Multipliers(model), layer.Shifts(model), window, groups, layer.Min, layer.Max)).Build();
        short[] expected = new short[shape[0] * outH * outW * outputs];
        for (int i = 0; i < expected.Length; i++)
        {
            (int pixel, int o) = (i / outputs, i % outputs);
            (int n, int oy, int ox) = (pixel / outW / outH, pixel / outW % outH, pixel % outW);
            BigInteger sum = 0;
            for (int t = 0; t < taps; t++)
            {
                (int ky, int kx, int c) = (t / depth / window.KernelW, t / depth % window.KernelW, t % depth);
                int row = oy * window.StrideH - window.PadTop + ky * window.DilationH, column = ox * window.StrideW - window.PadLeft + kx * window.DilationW;
                if ((uint)row < (uint)height && (uint)column < (uint)width)
                {
                    sum += x[((n * height + row) * width + column) * channels + o / (outputs / groups) * depth + c] * weights[o * taps + t];
                }
            }

            expected[i] = layer.Finish(o, sum);
        }

        Paths.AllGive(expected, built, x, $"seed {Seed}, {string.Join('x', shape)} -> {outputs}, {groups} groups, {window}, narrow {narrow}, extreme {extreme}");
    }

    private static short[] Words(Random random, int count, bool extreme) => [.. Enumerable.Range(0, count).Select(_ => extreme
        ? short.MinValue
        : random.Next(8) switch { 0 => short.MinValue, 1 => short.MaxValue, _ => (short)random.Next(-32768, 32768) })];

    private static sbyte[] Bytes(Random random, int count, bool extreme) => [.. Enumerable.Range(0, count).Select(_ => extreme
        ? sbyte.MinValue
        : random.Next(8) switch { 0 => sbyte.MinValue, 1 => sbyte.MaxValue, _ => (sbyte)random.Next(-128, 128) })];

    /// <summary>Bias and requantization of a layer, and what they mean, in big integers.</summary>
    private sealed class Layer
    {
        private readonly bool _narrow;
        private readonly long[] _bias;
        private readonly int[] _multipliers;
        private readonly int[] _shifts;

        public Layer(Random random, int outputs, bool narrow, long taps)
        {
            _narrow = narrow && taps < 450;   // the reader refuses more, since an int32 sum could overflow
            _bias = [.. Enumerable.Range(0, outputs).Select(_ => _narrow ? random.Next(-90_000_000, 90_000_000) : random.NextInt64(-(1L << 40), 1L << 40) >> random.Next(20))];
            _multipliers = [.. Enumerable.Range(0, outputs).Select(_ => random.Next(5) == 0 ? int.MaxValue : random.Next(1 << 30, int.MaxValue))];
            _shifts = [.. Enumerable.Range(0, outputs).Select(_ => random.Next(-24, -11))];
            (Min, Max) = random.Next(3) == 0 ? (0, 20_000) : (short.MinValue, short.MaxValue);
        }

        public int Min { get; }

        public int Max { get; }

        public int Bias(TestModel model) => _narrow ? model.Constant([.. _bias.Select(b => (int)b)]) : model.Constant(_bias);

        public int Multipliers(TestModel model) => model.Constant(_multipliers);

        public int Shifts(TestModel model) => model.Constant(_shifts);

        /// <summary>Both rules by division with a remainder: halves up once, or halves up and then away from zero.</summary>
        public short Finish(int channel, BigInteger sum)
        {
            BigInteger accumulator = sum + _bias[channel];
            BigInteger result;
            if (_narrow)
            {
                BigInteger high = Floor(accumulator * _multipliers[channel] * 2 + (BigInteger.One << 31), BigInteger.One << 32);
                BigInteger divisor = BigInteger.One << -_shifts[channel];
                result = BigInteger.Abs(high) * 2 + divisor;
                result = Floor(result, divisor * 2) * high.Sign;
            }
            else
            {
                BigInteger reduced = BigInteger.Min(0x7fff, Floor(_multipliers[channel] + 0x8000L, 0x10000));
                BigInteger divisor = BigInteger.One << (15 - _shifts[channel]);
                result = Floor(accumulator * reduced * 2 + divisor, divisor * 2);
            }

            return (short)BigInteger.Max(Min, BigInteger.Min(Max, result));
        }

        private static BigInteger Floor(BigInteger a, BigInteger b)
        {
            BigInteger quotient = BigInteger.DivRem(a, b, out BigInteger rest);
            return rest.Sign < 0 ? quotient - 1 : quotient;
        }
    }
}
