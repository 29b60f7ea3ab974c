namespace EdgeConv.Runtime.Tests;

/// <summary>Whole networks with weights from a seed, for tests and benchmarks that need no trained one.</summary>
internal static class TestNetworks
{
    /// <summary>LeNet-5 for 28x28 digits: 61,706 parameters, ReLU, max pooling, fused or as layers of its own.</summary>
    public static TestModel LeNet5(int seed = 1, bool pooled = false)
    {
        var random = new Random(seed);
        var model = new TestModel();
        var pool = new Window(2, 2, 2, 2);
        int at = model.Activation([1, 28, 28, 1], -128);
        at = Pooled("1", at, 1, 6, 28, new Window(5, 5, PadTop: 2, PadLeft: 2, PadBottom: 2, PadRight: 2), -7);
        at = Pooled("2", at, 6, 16, 10, new Window(5, 5), -9);
        at = Dense("fc1", at, 400, 120);
        at = Dense("fc2", at, 120, 84);
        at = Dense("fc3", at, 84, 10);
        int y = model.Activation([1, 10], -128, 1 / 256f);
        return model.Then(new SoftmaxOp("softmax", at, y, 1 << 30, 20, -1984));

        int Pooled(string number, int x, int inputs, int outputs, int size, Window window, int shift)
        {
            int[] picture = [1, size, size, outputs], half = [1, size / 2, size / 2, outputs];
            int y = model.Activation(pooled ? half : picture, -128), taps = window.KernelH * window.KernelW * inputs;
            int weights = model.Constant(Bytes(outputs * taps), [outputs, window.KernelH, window.KernelW, inputs]);
            model.Then(new Conv2DOp($"conv{number}", x, y, weights, Bias(outputs), Multipliers(outputs), Shifts(outputs, shift), window, 1, -128, 127)
            { Pool = pooled ? new Pooling(2, 2, 2, 2) : Pooling.None });
            return pooled ? y : Pool($"pool{number}", y, half);
        }

        int Dense(string name, int x, int inputs, int outputs)
        {
            int next = model.Activation([1, outputs], -128);
            int weights = model.Constant(Bytes(outputs * inputs), [outputs, inputs]);
            model.Then(new FullyConnectedOp(name, x, next, weights, Bias(outputs), Multipliers(outputs), Shifts(outputs, -9), -128, 127));
            return next;
        }

        int Pool(string name, int x, int[] shape)
        {
            int next = model.Activation(shape, -128);
            model.Then(new MaxPoolOp(name, x, next, pool, -128, 127));
            return next;
        }

        sbyte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(_ => (sbyte)random.Next(-127, 128))];
        int Bias(int count) => model.Constant([.. Enumerable.Range(0, count).Select(_ => random.Next(-2000, 2000))]);
        int Multipliers(int count) => model.Constant([.. Enumerable.Range(0, count).Select(_ => random.Next(1 << 30, int.MaxValue))]);
        int Shifts(int count, int shift) => model.Constant([.. Enumerable.Repeat(shift, count)]);
    }
}
