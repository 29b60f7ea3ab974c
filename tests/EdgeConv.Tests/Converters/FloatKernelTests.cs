using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Tests.Converters;

/// <summary>The vectorised float layers against the plain loops of the runtime.</summary>
public class FloatKernelTests
{
    [Fact]
    public void ConvolutionsEqualTheReference()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            int Small() => random.Next(1, 4);
            int groups = Small();
            int[] shape = [1, random.Next(5, 12), random.Next(5, 12), groups * random.Next(1, 12)];
            var window = new Window(Small(), Small(), Small(), Small(), random.Next(1, 3), random.Next(1, 3),
                random.Next(0, 4), random.Next(0, 4), random.Next(0, 4), random.Next(0, 4));
            int outputs = groups * Small();
            int taps = window.KernelH * window.KernelW * shape[3] / groups;
            var layer = new Conv2D(Tensors.Random(random, outputs * taps), Tensors.Random(random, outputs), window, groups);
            float[] x = Tensors.Random(random, shape[1] * shape[2] * shape[3]);
            var expected = new float[window.OutputH(shape[1]) * window.OutputW(shape[2]) * outputs];
            var actual = new float[expected.Length];
            FloatReference.Conv2D(x, shape, layer.Weights, outputs, layer.Bias, window, groups, expected);
            FloatKernels.Conv2D(x, shape, layer, actual);
            Tensors.AssertClose(expected, actual, 1e-7, $"seed {seed}, {window}");
        }
    }

    [Fact]
    public void FullyConnectedLayersEqualTheReference()
    {
        for (int inputs = 1; inputs < 40; inputs++)
        {
            var random = new Random(inputs);
            var layer = new FullyConnected(Tensors.Random(random, 5 * inputs), Tensors.Random(random, 5));
            float[] x = Tensors.Random(random, inputs);
            var expected = new float[5];
            var actual = new float[5];
            FloatReference.FullyConnected(x, layer.Weights, layer.Bias, 5, expected);
            FloatKernels.FullyConnected(x, layer, actual);
            Tensors.AssertClose(expected, actual, 1e-7, $"{inputs} inputs");
        }
    }

    [Fact]
    public void SumsAreTakenInOneOrderOnEveryProcessor()
    {
        // By hand what the vectors do: term k to partial sum k mod 4, these in pairs, then what four do not divide.
        static float Sum(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float bias)
        {
            var partial = new double[4];
            int k = 0;
            for (; k < a.Length / 4 * 4; k++)
            {
                partial[k % 4] += (double)a[k] * b[k];
            }

            double sum = (partial[0] + partial[1]) + (partial[2] + partial[3]);
            for (; k < a.Length; k++)
            {
                sum += (double)a[k] * b[k];
            }

            return (float)(sum + bias);
        }

        for (int length = 1; length < 70; length++)
        {
            var random = new Random(length);
            float[] x = Tensors.Random(random, 7 * length), weights = Tensors.Random(random, 5 * length, 1e4), bias = Tensors.Random(random, 5);
            var y = new float[35];
            FloatKernels.Conv2D(x, [1, 1, 7, length], new Conv2D(weights, bias, new Window(1, 1), 1), y);
            float[] expected = [.. from p in Enumerable.Range(0, 7)
                                   from o in Enumerable.Range(0, 5)
                                   select Sum(x.AsSpan(p * length, length), weights.AsSpan(o * length, length), bias[o])];
            Assert.Equal(expected, y);
            var row = new float[5];
            FloatKernels.FullyConnected(x[..length], new FullyConnected(weights, bias), row);
            Assert.Equal(expected[..5], row);
        }
    }

    [Fact]
    public void DepthwiseConvolutionsEqualTheReference()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            int Small() => random.Next(1, 4);
            int channels = random.Next(1, 20);
            int[] shape = [1, random.Next(5, 12), random.Next(5, 12), channels];
            var window = new Window(Small(), Small(), Small(), Small(), random.Next(1, 3), random.Next(1, 3),
                random.Next(0, 4), random.Next(0, 4), random.Next(0, 4), random.Next(0, 4));
            var layer = new Conv2D(Tensors.Random(random, channels * window.KernelH * window.KernelW), Tensors.Random(random, channels), window, channels);
            float[] x = Tensors.Random(random, shape[1] * shape[2] * channels);
            var expected = new float[window.OutputH(shape[1]) * window.OutputW(shape[2]) * channels];
            var actual = new float[expected.Length];
            FloatReference.Conv2D(x, shape, layer.Weights, channels, layer.Bias, window, channels, expected);
            FloatKernels.Conv2D(x, shape, layer, actual);
            Tensors.AssertClose(expected, actual, 1e-7, $"seed {seed}, {window}");
        }
    }
}
