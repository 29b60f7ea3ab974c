namespace EdgeConv.Tests.Converters;

/// <summary>Small networks of well-known kinds as ONNX files, weights drawn so that activations keep their size.</summary>
internal sealed class ArchitectureBuilder(int seed)
{
    private const int Side = 16;

    private readonly Random _random = new(seed);
    private readonly OnnxNetwork _network = new(13, "batch", 3, Side, Side);

    public OnnxNetwork Build(string architecture) => architecture switch
    {
        "residual" => Residual(),
        "inception" => Inception(),
        "separable" => Separable(),
        "vgg" => Vgg(),
        "mobile" => Mobile(),
        "decoder" => Decoder(),
        "shuffle" => Shuffle(),
        _ => throw new ArgumentException(architecture),
    };

    private OnnxNetwork Residual()
    {
        string stem = Relu(ConvBatchNorm("x", 3, 8));
        string same = Add(ConvBatchNorm(Relu(ConvBatchNorm(stem, 8, 8)), 8, 8), stem);
        string main = ConvBatchNorm(Relu(ConvBatchNorm(same, 8, 12, stride: 2)), 12, 12);
        string shortcut = ConvBatchNorm(same, 8, 12, kernel: 1, stride: 2);
        return Classify(Add(main, shortcut), 12);
    }

    private OnnxNetwork Inception()
    {
        string stem = Relu(ConvBatchNorm("x", 3, 8));
        string one = Relu(ConvBatchNorm(stem, 8, 4, kernel: 1));
        string two = Relu(ConvBatchNorm(Relu(ConvBatchNorm(stem, 8, 4, kernel: 1)), 4, 6));
        string pool = _network.From(stem).Node("MaxPool", null, ("kernel_shape", new long[] { 3, 3 }), ("pads", new long[] { 1, 1, 1, 1 })).Last;
        string joined = _network.From(one).Node("Concat", [two, pool], ("axis", 1)).Last;
        string left = Relu(ConvBatchNorm(joined, 18, 6)), right = Relu(ConvBatchNorm(joined, 18, 6, kernel: 1));
        return Classify(_network.From(left).Node("Concat", [right], ("axis", 1)).Last, 12);
    }

    // As Keras and MobileNetV2 have it: depthwise, pointwise, ReLU6, a linear bottleneck with a residual.
    private OnnxNetwork Separable()
    {
        string stem = Relu6(ConvBatchNorm("x", 3, 8, stride: 2));
        string block = ConvBatchNorm(Relu6(ConvBatchNorm(stem, 8, 8, groups: 8)), 8, 8, kernel: 1);
        string wide = Relu6(ConvBatchNorm(block, 8, 16, kernel: 1));
        string narrow = ConvBatchNorm(Relu6(ConvBatchNorm(wide, 16, 16, groups: 16)), 16, 8, kernel: 1);
        string sum = _network.From(narrow).Node("Add", [block]).Last;
        return Classify(sum, 8).Node("Softmax", null, ("axis", 1));
    }

    private OnnxNetwork Vgg()
    {
        string x = Relu(ConvBatchNorm(Relu(ConvBatchNorm("x", 3, 8)), 8, 8));
        x = Relu(ConvBatchNorm(Relu(ConvBatchNorm(Pool(x), 8, 12)), 12, 12));
        int flat = 12 * Side * Side / 16;
        return _network.From(Pool(x)).Node("Flatten").Node("Gemm", [He(32, flat), Small(32)], ("transB", 1)).Node("Relu").Node("Dropout")
            .Node("Gemm", [He(10, 32), Small(10)], ("transB", 1));
    }

    // MobileNetV3 as PyTorch wrote it before ONNX had HardSwish: spelled out, with squeeze and excite.
    private OnnxNetwork Mobile()
    {
        string stem = HardSwish(ConvBatchNorm("x", 3, 8, stride: 2));
        string depthwise = ConvBatchNorm(stem, 8, 8, groups: 8);
        string gate = _network.From(depthwise).Node("GlobalAveragePool").Node("Conv", [He(4, 8, 1, 1), Small(4)]).Node("Relu")
            .Node("Conv", [He(8, 4, 1, 1), Small(8)]).Node("HardSigmoid", null, ("alpha", 1 / 6f)).Last;
        string scaled = HardSwish(_network.From(gate).Node("Mul", [depthwise]).Last);
        return Classify(ConvBatchNorm(scaled, 8, 12, kernel: 1), 12);
    }

    // As U-Net: pooled, made larger again in two ways, and joined with what was there before.
    private OnnxNetwork Decoder()
    {
        string stem = Relu(ConvBatchNorm("x", 3, 8)), down = Relu(ConvBatchNorm(Pool(stem), 8, 12));
        string up = _network.From(down).Node("ConvTranspose", [He(12, 8, 2, 2), Small(8)], ("strides", new long[] { 2, 2 })).Node("Relu").Last;
        string resized = _network.From(down).Node("Resize", [Empty(), Scales(2)], ("mode", "linear")).Last;
        string joined = _network.From(up).Node("Concat", [stem, resized], ("axis", 1)).Last;
        string again = _network.From(Pool(Relu(ConvBatchNorm(joined, 28, 8)))).Node("Resize", [Empty(), Scales(2)],
            ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")).Last;
        return Classify(Relu(ConvBatchNorm(again, 8, 12)), 12);
    }

    // As ShuffleNetV2: one half of the channels goes through layers, the other around them, and they change places.
    private OnnxNetwork Shuffle()
    {
        const int Size = Side * Side;
        string stem = Relu(ConvBatchNorm("x", 3, 12));
        string Channels(int from, int to) => _network.From(stem).Node("Slice", [List(from), List(to), List(1)]).Last;
        string around = Channels(0, 6), through = Relu(ConvBatchNorm(ConvBatchNorm(Relu(ConvBatchNorm(Channels(6, 12), 6, 6, kernel: 1)), 6, 6, groups: 6), 6, 6));
        string shuffled = _network.From(around).Node("Concat", [through], ("axis", 1)).Node("Reshape", [List(0, 2, 6, Side, Side)])
            .Node("Transpose", null, ("perm", new long[] { 0, 2, 1, 3, 4 })).Node("Reshape", [List(0, -1, Side, Size / Side)]).Last;
        return Classify(Relu(ConvBatchNorm(shuffled, 12, 12)), 12);
    }

    private string Empty() => _network.Constant((Array.Empty<float>(), new[] { 0 }));

    private static (float[], int[]) Scales(float scale) => ([1, 1, scale, scale], [4]);

    private static (long[], int[]) List(params long[] values) => (values, [values.Length]);

    private string ConvBatchNorm(string x, int inputs, int outputs, int kernel = 3, int stride = 1, int groups = 1)
    {
        long pad = kernel / 2;
        _network.From(x).Node("Conv", [He(outputs, inputs / groups, kernel, kernel)],
            ("group", groups), ("strides", new long[] { stride, stride }), ("pads", new[] { pad, pad, pad, pad }));
        float[] Around(float middle, double spread) => [.. Tensors.Random(_random, outputs, spread).Select(v => middle + v)];
        int[] shape = [outputs];
        return _network.Node("BatchNormalization",
            [(Around(1, 0.1), shape), (Around(0, 0.2), shape), (Around(0, 0.2), shape), (Around(1.5f, 0.1), shape)]).Last;
    }

    private string Relu(string x) => _network.From(x).Node("Relu").Last;

    private string Relu6(string x) => _network.From(x).Node("Clip", [Scalar(0), Scalar(6)]).Last;

    private string HardSwish(string x) => _network.From(x).Node("Add", [Scalar(3)]).Node("Clip", [Scalar(0), Scalar(6)]).Node("Mul", [x])
        .Node("Div", [Scalar(6)]).Last;

    private string Pool(string x) =>
        _network.From(x).Node("MaxPool", null, ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 })).Last;

    private string Add(string a, string b) => _network.From(a).Node("Add", [b]).Node("Relu").Last;

    private OnnxNetwork Classify(string x, int channels) => _network.From(x).Node("GlobalAveragePool").Node("Flatten")
        .Node("Gemm", [He(10, channels), Small(10)], ("transB", 1));

    private static (float[], int[]) Scalar(float value) => ([value], []);

    private (float[], int[]) Small(int length) => (Tensors.Random(_random, length, 0.1), [length]);

    private (float[], int[]) He(params int[] shape)
    {
        int fanIn = shape.Skip(1).Aggregate(1, (n, d) => n * d);
        return (Tensors.Random(_random, shape[0] * fanIn, Math.Sqrt(2.0 / fanIn)), shape);
    }
}
