namespace EdgeConv.Runtime.Tests;

/// <summary>Whole networks with weights from a seed, for tests and benchmarks that need no trained one.</summary>
internal static class TestNetworks
{
    /// <summary>LeNet-5 for 28x28 digits: 61,706 parameters, ReLU, max pooling.</summary>
    public static TestModel LeNet5(int seed = 1)
    {
        var random = new Random(seed);
        var model = new TestModel();
        var pool = new Window(2, 2, 2, 2);
        int at = model.Activation([1, 28, 28, 1], -128);
        at = Conv("conv1", at, 1, 6, [1, 28, 28, 6], new Window(5, 5, PadTop: 2, PadLeft: 2, PadBottom: 2, PadRight: 2), -7);
        at = Pool("pool1", at, [1, 14, 14, 6]);
        at = Conv("conv2", at, 6, 16, [1, 10, 10, 16], new Window(5, 5), -9);
        at = Pool("pool2", at, [1, 5, 5, 16]);
        at = Dense("fc1", at, 400, 120);
        at = Dense("fc2", at, 120, 84);
        at = Dense("fc3", at, 84, 10);
        int y = model.Activation([1, 10], -128, 1 / 256f);
        return model.Then(new SoftmaxOp("softmax", at, y, 1 << 30, 20, -1984));

        int Conv(string name, int x, int inputs, int outputs, int[] shape, Window window, int shift)
        {
            int next = model.Activation(shape, -128), taps = window.KernelH * window.KernelW * inputs;
            int weights = model.Constant(Bytes(outputs * taps), [outputs, window.KernelH, window.KernelW, inputs]);
            model.Then(new Conv2DOp(name, x, next, weights, Bias(outputs), Multipliers(outputs), Shifts(outputs, shift), window, 1, -128, 127));
            return next;
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
