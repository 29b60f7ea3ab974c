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
}
