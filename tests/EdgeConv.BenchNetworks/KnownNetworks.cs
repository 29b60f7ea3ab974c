using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;

namespace EdgeConv.BenchNetworks;

/// <summary>The published architectures, up to their logits.</summary>
internal static class KnownNetworks
{
    /// <summary>416,520 multiply-accumulates; ReLU and max pooling.</summary>
    public static Graph LeNet5() => new NetworkBuilder("lenet5", 28, 28, 1)
        .Conv(6, 5).MaxPool(2, 2).Conv(16, 5, pad: 0).MaxPool(2, 2)
        .Flatten().Dense(120).Dense(84).Dense(10, Activation.None).Build();

    /// <summary>Keyword spotting of MLPerf Tiny.</summary>
    public static Graph DsCnn()
    {
        NetworkBuilder network = new NetworkBuilder("ds-cnn", 49, 10, 1)
            .Conv(64, new Window(10, 4, 2, 2, PadTop: 4, PadLeft: 1, PadBottom: 5, PadRight: 1));
        for (int block = 0; block < 4; block++)
        {
            network.Conv(64, 3, groups: 64).Conv(64, 1);
        }

        return network.GlobalAverage().Flatten().Dense(12, Activation.None).Build();
    }

    /// <summary>CIFAR-10 network of MLPerf Tiny: three residual stacks of 16, 32 and 64 channels.</summary>
    public static Graph ResNet8()
    {
        NetworkBuilder network = new NetworkBuilder("resnet8", 32, 32, 3).Conv(16, 3);
        Value start = network.Last;
        network.Conv(16, 3).Conv(16, Same(3), activation: Activation.None).Plus(start);
        foreach (int channels in (int[])[32, 64])
        {
            start = network.Last;
            Value body = network.Conv(channels, Halving(3)).Conv(channels, Same(3), activation: Activation.None).Last;
            network.From(start).Conv(channels, Halving(1), activation: Activation.None).Plus(body);
        }

        return network.GlobalAverage().Flatten().Dense(10, Activation.None).Build();
    }

    /// <summary>The network of 2012 with two groups, 724 million multiply-accumulates, without its normalization layers.</summary>
    public static Graph AlexNet() => new NetworkBuilder("alexnet", 227, 227, 3)
        .Conv(96, 11, stride: 4, pad: 0).MaxPool(3, 2).Conv(256, 5, groups: 2).MaxPool(3, 2)
        .Conv(384, 3).Conv(384, 3, groups: 2).Conv(256, 3, groups: 2).MaxPool(3, 2)
        .Flatten().Dense(4096).Dense(4096).Dense(1000, Activation.None).Build();

    /// <summary>Configuration D, 15.5 thousand million multiply-accumulates.</summary>
    public static Graph Vgg16()
    {
        var network = new NetworkBuilder("vgg16", 224, 224, 3);
        foreach ((int channels, int layers) in ((int, int)[])[(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)])
        {
            for (int layer = 0; layer < layers; layer++)
            {
                network.Conv(channels, 3);
            }

            network.MaxPool(2, 2);
        }

        return network.Flatten().Dense(4096).Dense(4096).Dense(1000, Activation.None).Build();
    }

    private static Window Same(int kernel) =>
        new(kernel, kernel, PadTop: kernel / 2, PadLeft: kernel / 2, PadBottom: kernel / 2, PadRight: kernel / 2);

    // Of an even size, SAME padding puts the odd row and column at the end.
    private static Window Halving(int kernel) => new(kernel, kernel, 2, 2, PadBottom: kernel - 1 - (kernel / 2), PadRight: kernel - 1 - (kernel / 2));
}
