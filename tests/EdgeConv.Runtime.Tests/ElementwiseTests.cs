using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>Operators without weights, against plain real arithmetic or element by element.</summary>
public sealed class ElementwiseTests
{
    [Theory]
    [InlineData(false, new[] { 1, 5, 4, 7 }, new[] { 1, 5, 4, 7 })]
    [InlineData(true, new[] { 1, 5, 4, 7 }, new[] { 1, 1, 1, 7 })]
    [InlineData(true, new[] { 1, 1, 1, 7 }, new[] { 2, 3, 4, 7 })]
    [InlineData(false, new[] { 2, 3, 4, 7 }, new[] { 2, 3, 4, 1 })]
    [InlineData(false, new[] { 2, 3, 4, 7 }, new[] { 1 })]
    public void Sum_and_difference_stay_within_a_step_of_the_real_one(bool subtract, int[] a, int[] b)
    {
        const float ScaleA = 0.05f, ScaleB = 0.013f, ScaleY = 0.06f;
        double twice = 2 * Math.Max(ScaleA, ScaleB);
        Binary(a, b, (ScaleA, ScaleB, ScaleY), (x, o, y) => new AddOp("add", x, o, y, QuantizedMultiplier.From(ScaleA / twice),
            QuantizedMultiplier.From(ScaleB / twice), QuantizedMultiplier.From(twice / (1 << AddOp.LeftShift) / ScaleY), subtract, -128, 127),
            (p, q) => subtract ? p - q : p + q);
    }

    [Theory]
    [InlineData(new[] { 1, 5, 4, 7 }, new[] { 1, 5, 4, 7 })]
    [InlineData(new[] { 1, 5, 4, 7 }, new[] { 1, 1, 1, 7 })]
    [InlineData(new[] { 1, 5, 4, 1 }, new[] { 1, 1, 1, 7 })]
    public void Product_stays_within_a_step_of_the_real_one(int[] a, int[] b)
    {
        const float ScaleA = 0.05f, ScaleB = 0.02f, ScaleY = 0.08f;
        Binary(a, b, (ScaleA, ScaleB, ScaleY),
            (x, o, y) => new MulOp("mul", x, o, y, QuantizedMultiplier.From((double)ScaleA * ScaleB / ScaleY), -128, 127), (p, q) => p * q);
    }

    [Fact]
    public void Parametric_relu_scales_what_is_negative_by_its_channels_alpha()
    {
        var model = new TestModel();
        int x = model.Activation([1, 2, 3, 4], 5, 0.1f), y = model.Activation([1, 2, 3, 4], -9, 0.07f);
        sbyte[] alpha = [0, 25, 127, -60];
        const double AlphaScale = 0.004;
        model.Then(new PReluOp("prelu", x, y, model.Constant(alpha, [4], 3), QuantizedMultiplier.From(0.1 / 0.07), QuantizedMultiplier.From(0.1 * AlphaScale / 0.07)));
        using Model built = model.Build();
        sbyte[] input = [.. Enumerable.Range(0, 24).Select(i => (sbyte)(i * 10 - 120))];
        foreach (var path in Paths.Supported)
        {
            sbyte[] output = TestModel.Run(built, input, path);
            for (int i = 0; i < input.Length; i++)
            {
                double real = 0.1 * (input[i] - 5), expected = real >= 0 ? real : real * AlphaScale * (alpha[i % 4] - 3);
                Assert.InRange(output[i] - Math.Clamp(expected / 0.07 - 9, -128, 127), -0.51, 0.51);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(1000)]
    public void Log_softmax_stays_within_a_step_of_the_real_one(int classes)
    {
        const double Scale = 0.07;
        QuantizedMultiplier factor = QuantizedMultiplier.From(Scale * (1 << 26));
        var model = new TestModel();
        int x = model.Activation([3, classes], 9, (float)Scale), y = model.Activation([3, classes], 127, 1 / 16f);
        int diffMin = -(int)Math.Floor(31.0 * (1 << 26) / Math.Pow(2, factor.Shift));
        using Model built = model.Then(new LogSoftmaxOp("log", x, y, factor.Multiplier, factor.Shift, diffMin, QuantizedMultiplier.From(1 / (Scale * (1 << 26))))).Build();
        var random = new Random(classes);
        sbyte[] input = [.. Enumerable.Range(0, 3 * classes).Select(_ => (sbyte)random.Next(-128, 128))];
        foreach (var path in Paths.Supported)
        {
            sbyte[] output = TestModel.Run(built, input, path);
            for (int i = 0; i < output.Length; i++)
            {
                double[] row = [.. input.Skip(i / classes * classes).Take(classes).Select(q => Scale * q)];
                double real = Scale * input[i] - Math.Log(row.Sum(Math.Exp));
                Assert.InRange(output[i] - Math.Clamp(real * 16 + 127, -128, 127), -0.55, 0.55);
            }
        }
    }

    [Fact]
    public void Local_response_normalization_stays_within_a_step_of_the_real_one()
    {
        const double K = 2, Alpha = 1e-2, Beta = 0.75, ScaleX = 0.1, ScaleY = 0.05;
        const int Size = 5, TableShift = 11, OutputShift = 30;
        int[] table = [.. Enumerable.Range(0, LrnOp.TableLength).Select(i =>
            (int)Math.Round(Math.Pow(K + Alpha / Size * ScaleX * ScaleX * ((long)i << TableShift), -Beta) * ScaleX / ScaleY * (1 << OutputShift)))];
        var model = new TestModel();
        int x = model.Activation([1, 2, 3, 16], -20, (float)ScaleX), y = model.Activation([1, 2, 3, 16], 5, (float)ScaleY);
        using Model built = model.Then(new LrnOp("lrn", x, y, Size, model.Constant(table), TableShift, OutputShift)).Build();
        var random = new Random(8);
        sbyte[] input = [.. Enumerable.Range(0, 96).Select(_ => (sbyte)random.Next(-128, 128))];
        foreach (var path in Paths.Supported)
        {
            sbyte[] output = TestModel.Run(built, input, path);
            for (int i = 0; i < output.Length; i++)
            {
                double sum = 0;
                for (int c = Math.Max(0, i % 16 - 2); c <= Math.Min(15, i % 16 + 2); c++)
                {
                    sum += Math.Pow(ScaleX * (input[i / 16 * 16 + c] + 20), 2);
                }

                double real = ScaleX * (input[i] + 20) / Math.Pow(K + Alpha / Size * sum, Beta);
                Assert.InRange(output[i] - Math.Clamp(real / ScaleY + 5, -128, 127), -0.6, 0.6);
            }
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(2)]
    [InlineData(1)]
    public void Concatenation_joins_along_any_axis(int axis)
    {
        int[] first = [1, 2, 3, 4], second = [1, 2, 3, 4], joined = [1, 2, 3, 4];
        second[axis] = 5;
        joined[axis] += 5;
        // built of pads, so that every part has bytes of its own
        var parts = new TestModel();
        int p = parts.Activation(first), q = parts.Activation(second), z = parts.Activation(joined);
        int[] back = [0, second[1] - first[1], second[2] - first[2], second[3] - first[3]];
        parts.Then(new PadOp("grow", p, q, 0, 0, back[1], back[2], 0, back[3], 99)).Then(new ConcatOp("join", [p, q], z, axis));
        using Model built = parts.Build();
        sbyte[] input = [.. Enumerable.Range(1, 24).Select(i => (sbyte)i)];
        sbyte[] output = TestModel.Run(built, input, Kernels.KernelPath.Reference);
        for (int i = 0; i < output.Length; i++)
        {
            int[] at = [i / (joined[1] * joined[2] * joined[3]), i / (joined[2] * joined[3]) % joined[1], i / joined[3] % joined[2], i % joined[3]];
            bool isFirst = at[axis] < first[axis];
            at[axis] -= isFirst ? 0 : first[axis];
            bool isPadding = at[1] >= first[1] || at[2] >= first[2] || at[3] >= first[3];
            int expected = isPadding ? 99 : input[(at[1] * first[2] + at[2]) * first[3] + at[3]];
            Assert.Equal(expected, output[i]);
        }
    }

    [Fact]
    public void Transposition_moves_every_element()
    {
        int[] shape = [2, 3, 4, 5];
        var model = new TestModel();
        int x = model.Activation(shape), y = model.Activation([2, 5, 3, 4]);
        using Model built = model.Then(new TransposeOp("nchw", x, y, 0, 3, 1, 2)).Build();
        sbyte[] input = [.. Enumerable.Range(0, 120).Select(i => (sbyte)i)];
        sbyte[] output = TestModel.Run(built, input, Kernels.KernelPath.Reference);
        for (int i = 0; i < 120; i++)
        {
            (int n, int c, int h, int w) = (i / 60, i / 12 % 5, i / 4 % 3, i % 4);
            Assert.Equal(((n * 3 + h) * 4 + w) * 5 + c, output[i]);
        }
    }

    [Fact]
    public void A_transposed_convolution_scatters_what_a_convolution_gathers()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var window = new Window(random.Next(1, 5), random.Next(1, 5), random.Next(1, 4), random.Next(1, 4), PadTop: random.Next(2), PadLeft: random.Next(2));
            int outH = window.SpanH + random.Next(6), outW = window.SpanW + random.Next(6), channels = random.Next(1, 5), outputs = random.Next(1, 5);
            int height = window.OutputH(outH), width = window.OutputW(outW);
            sbyte[] weights = [.. Enumerable.Range(0, outputs * window.KernelH * window.KernelW * channels).Select(_ => (sbyte)random.Next(-4, 5))];
            sbyte[] input = [.. Enumerable.Range(0, height * width * channels).Select(_ => (sbyte)random.Next(-3, 4))];
            int[] sums = new int[outH * outW * outputs];
            for (int i = 0; i < input.Length; i++)
            {
                (int h, int w, int c) = (i / channels / width, i / channels % width, i % channels);
                for (int t = 0; t < weights.Length / channels; t++)
                {
                    (int o, int ky, int kx) = (t / window.KernelW / window.KernelH, t / window.KernelW % window.KernelH, t % window.KernelW);
                    int y = h * window.StrideH + ky - window.PadTop, x = w * window.StrideW + kx - window.PadLeft;
                    if ((uint)y < (uint)outH && (uint)x < (uint)outW)
                    {
                        sums[(y * outW + x) * outputs + o] += input[i] * weights[t * channels + c];
                    }
                }
            }

            var model = new TestModel();
            int a = model.Activation([1, height, width, channels]), b = model.Activation([1, outH, outW, outputs]);
            model.Then(new TransposeConvOp("up", a, b, model.Constant(weights, [outputs, window.KernelH, window.KernelW, channels]),
                model.Constant(new int[outputs]), model.Constant([.. Enumerable.Repeat(1 << 30, outputs)]), model.Constant([.. Enumerable.Repeat(1, outputs)]),
                window, -128, 127));
            using Model built = model.Build();
            Paths.AllGive([.. sums.Select(s => (sbyte)Math.Clamp(s, -128, 127))], built, input, $"seed {seed}, {window}");
        }
    }

    private static void Binary(int[] a, int[] b, (float A, float B, float Y) scales, Func<int, int, int, ModelOperator> create, Func<double, double, double> real)
    {
        int[] shape = [.. Enumerable.Range(0, 4).Select(i => Math.Max(At(a, i), At(b, i)))];
        var random = new Random(a.Length + b.Length);
        sbyte[] input = Bytes(a), other = Bytes(b);
        var model = new TestModel();
        int x = model.Activation(a, 4, scales.A), y = model.Activation(shape, -20, scales.Y);
        int o = model.Constant(other, b, -11, scales.B);
        using Model built = model.Then(create(x, o, y)).Build();
        foreach (var path in Paths.Supported)
        {
            sbyte[] output = TestModel.Run(built, input, path);
            for (int i = 0; i < output.Length; i++)
            {
                double p = scales.A * (input[Index(a, shape, i)] - 4), q = scales.B * (other[Index(b, shape, i)] + 11);
                Assert.InRange(output[i] - Math.Clamp(real(p, q) / scales.Y - 20, -128, 127), -0.51, 0.51);
            }
        }

        sbyte[] Bytes(int[] s) => [.. Enumerable.Range(0, s.Aggregate(1, (p, q) => p * q)).Select(_ => (sbyte)random.Next(-128, 128))];
    }

    private static int At(int[] shape, int i) => i < 4 - shape.Length ? 1 : shape[i - 4 + shape.Length];

    private static int Index(int[] of, int[] shape, int i)
    {
        int index = 0, stride = 1;
        for (int d = 3; d >= 0; d--)
        {
            index += At(of, d) == 1 ? 0 : i % shape[d] * stride;
            stride *= At(of, d);
            i /= shape[d];
        }

        return index;
    }
}
