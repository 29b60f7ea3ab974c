namespace EdgeConv.Tests.Converters;

/// <summary>Random networks of one family each, as several exporters of several years would write them.</summary>
internal sealed partial class SweepNetworks(Random random, int opset, int[] image)
{
    private readonly int _channels = image[1], _height = image[2], _width = image[3];

    public OnnxNetwork Build(string family) => family switch
    {
        "counted average pool" => CountedAverage(),
        "global max pool" => Image().Node("GlobalMaxPool").Node("Flatten"),
        "reduce" => Reduce(),
        "clip" => Clip(Image(), -1 + random.NextDouble(), random.NextDouble() * 2),
        "unary" => Unary(),
        "prelu" => Image().Node("PRelu", [random.Next(3) == 0 ? Values(1) : Values(_channels, 1, 1)]),
        "two operands" => TwoOperands(),
        "constant picture" => ConstantPicture(),
        "concat" => Concat(),
        "pad" => Pad(Image().Node("Relu"), withChannels: true),
        "pad and convolve" => Convolve(Pad(Image(), withChannels: false), _channels, random.Next(1, 4)).Node("Relu"),
        "transposed conv" => TransposedConvolution(),
        "transpose" => Transpose(),
        "reshape" => Reshape(),
        "spelled out function" => SpelledOut(),
        "residual" => Residual(),
        "inception" => Inception(),
        "separable" => Separable(),
        "squeeze and excite" => SqueezeAndExcite(),
        "channel shuffle" => ChannelShuffle(),
        "channels last" => ChannelsLast(),
        "shape arithmetic" => ShapeArithmetic(),
        _ => Part(family),
    };

    /// <summary>Attributes of a convolution or a pooling.</summary>
    public static (string, object)[] Window(Random random, int kernelH, int kernelW, bool dilate, int padLimit)
    {
        // ONNX Runtime fails on SAME with strides beyond the kernel.
        bool same = padLimit > 0 && !dilate && random.Next(3) == 0;
        int LargestStride(int kernel) => same ? Math.Min(kernel, 3) : 3;
        List<(string, object)> attributes =
        [
            ("kernel_shape", new long[] { kernelH, kernelW }),
            ("strides", new long[] { random.Next(1, LargestStride(kernelH) + 1), random.Next(1, LargestStride(kernelW) + 1) }),
        ];
        if (dilate)
        {
            attributes.Add(("dilations", new long[] { random.Next(1, 3), random.Next(1, 3) }));
        }

        if (same)
        {
            attributes.Add(("auto_pad", ((string[])["SAME_UPPER", "SAME_LOWER", "VALID"])[random.Next(3)]));
        }
        else
        {
            attributes.Add(("pads", Enumerable.Range(0, 4).Select(_ => (long)random.Next(0, padLimit + 1)).ToArray()));
        }

        return [.. attributes];
    }

    private OnnxNetwork Image() => new(opset, [.. image.Cast<object>()]);

    private (float[], int[]) Values(params int[] shape) => (Tensors.Random(random, shape.Aggregate(1, (n, d) => n * d)), shape);

    private static (long[], int[]) List(params long[] values) => (values, [values.Length]);

    private static (float[], int[]) Scalar(double value) => ([(float)value], []);

    private OnnxNetwork CountedAverage()
    {
        (int kh, int kw) = (random.Next(1, 4), random.Next(1, 4));
        return Image().Node("AveragePool", null,
            [.. Window(random, kh, kw, dilate: false, Math.Min(kh, kw) - 1), ("count_include_pad", 1)]);
    }

    private OnnxNetwork Reduce()
    {
        int keep = random.Next(2);
        string type = random.Next(3) == 0 ? "ReduceMax" : "ReduceMean";
        long[] axes = random.Next(2) == 0 ? [2, 3] : [-1, -2];
        OnnxNetwork reduced = opset >= 18
            ? Image().Node(type, [List(axes)], ("keepdims", keep))
            : Image().Node(type, null, ("axes", axes), ("keepdims", keep));
        return keep == 0 ? reduced.Node("MatMul", [Values(_channels, 3)]) : reduced.Node("Relu");
    }

    private OnnxNetwork Clip(OnnxNetwork network, double min, double max) => opset >= 11
        ? network.Node("Clip", random.Next(4) == 0 ? [Scalar(min)] : [Scalar(min), Scalar(max)])
        : network.Node("Clip", null, ("min", (float)min), ("max", (float)max));

    private OnnxNetwork Unary()
    {
        float a = 0.1f + (float)random.NextDouble();
        (string Type, int Since, (string, object)[] Attributes)[] all =
        [
            ("LeakyRelu", 7, [("alpha", a)]), ("LeakyRelu", 7, []), ("Elu", 7, [("alpha", a)]), ("Selu", 7, []),
            ("HardSigmoid", 7, [("alpha", a), ("beta", 0.4f)]), ("HardSigmoid", 7, []), ("Softplus", 7, []), ("Softsign", 7, []),
            ("Abs", 7, []), ("Exp", 7, []), ("Neg", 7, []), ("Erf", 9, []), ("ThresholdedRelu", 10, [("alpha", a)]),
            ("Celu", 12, [("alpha", a)]), ("HardSwish", 14, []), ("Mish", 18, []), ("Gelu", 20, []), ("Gelu", 20, [("approximate", "tanh")]),
            ("com.microsoft.Gelu", 7, []), ("com.microsoft.QuickGelu", 7, [("alpha", a)]),
        ];
        all = [.. all.Where(f => f.Since <= opset)];
        (string type, _, (string, object)[] attributes) = all[random.Next(all.Length)];
        return Image().Node(type, null, attributes);
    }

    private OnnxNetwork TwoOperands()
    {
        OnnxNetwork network = Convolve(Image(), _channels, _channels);
        string a = network.Last;
        network.From("x");
        if (random.Next(2) == 0)
        {
            network.Node("GlobalAveragePool");
        }

        string type = ((string[])["Add", "Sub", "Mul", "Sum"])[random.Next(4)];
        string b = network.Last;
        return random.Next(2) == 0 ? network.Node(type, [a]).Node("Relu") : network.From(a).Node(type, [b]).Node("Relu");
    }

    private OnnxNetwork ConstantPicture()
    {
        int[] shape = ((int[][])[[_channels, _height, _width], [_height, _width], [_width], [1, _height, 1], [_channels, 1, _width]])[random.Next(5)];
        return Image().Node(((string[])["Add", "Sub", "Mul", "Div"])[random.Next(4)], [Values(shape)]);
    }

    private OnnxNetwork Concat()
    {
        int axis = random.Next(1, 4);
        OnnxNetwork network = Image().Node("Relu");
        string a = network.Last, b = Convolve(network.From("x"), _channels, axis == 1 ? random.Next(1, 5) : _channels).Last;
        return network.From(a).Node("Concat", random.Next(2) == 0 ? [b] : [b, a], ("axis", random.Next(2) == 0 ? axis : axis - 4));
    }

    private OnnxNetwork Pad(OnnxNetwork network, bool withChannels)
    {
        long Amount() => random.Next(3);
        long[] pads = [0, withChannels ? Amount() : 0, Amount(), Amount(), 0, withChannels ? Amount() : 0, Amount(), Amount()];
        float value = random.Next(2) == 0 ? 0 : 0.75f;
        return opset < 11 ? network.Node("Pad", null, ("pads", pads), ("value", value))
            : opset >= 18 && random.Next(2) == 0
                ? network.Node("Pad", [List(pads[2], pads[3], pads[6], pads[7]), Scalar(value), List(2, -1)])
            : network.Node("Pad", value == 0 ? [List(pads)] : [List(pads), Scalar(value)]);
    }

    private OnnxNetwork Convolve(OnnxNetwork network, int inputs, int outputs, int groups = 1) => network.Node("Conv",
        [Values(outputs, inputs / groups, 3, 3), Values(outputs)], ("group", groups), ("pads", new long[] { 1, 1, 1, 1 }));

    private OnnxNetwork Normalize(OnnxNetwork network, int channels) => network.Node("BatchNormalization",
        [Positive(channels), Values(channels), Values(channels), Positive(channels)]);

    private (float[], int[]) Positive(int length) => ([.. Values(length).Item1.Select(v => 0.1f + Math.Abs(v))], [length]);

    private OnnxNetwork TransposedConvolution()
    {
        int groups = random.Next(2) == 0 ? 1 : _channels;
        (int kh, int kw, int sh, int sw) = (random.Next(1, 5), random.Next(1, 5), random.Next(1, 4), random.Next(1, 4));
        (int dh, int dw) = (random.Next(1, 3), random.Next(1, 3));
        long[] pads = [.. Enumerable.Range(0, 4).Select(i => (long)random.Next(0, i % 2 == 0 ? kh : kw))];
        object[] constants = [Values(_channels, random.Next(1, 4), kh, kw)];
        return Image().Node("ConvTranspose", constants, ("group", groups), ("strides", new long[] { sh, sw }),
            ("dilations", new long[] { dh, dw }), ("pads", pads), ("output_padding", new long[] { random.Next(sh), random.Next(sw) })).Node("Relu");
    }

    private OnnxNetwork Transpose()
    {
        long[] order = [0, .. Enumerable.Range(1, 3).Select(i => (long)i).OrderBy(_ => random.Next())];
        OnnxNetwork network = Image().Node("Relu").Node("Transpose", null, ("perm", order)).Node("LeakyRelu");
        if (random.Next(2) == 0)
        {
            return network.Node("Flatten").Node("MatMul", [Values(_channels * _height * _width, 3)]);
        }

        long[] back = [.. Enumerable.Range(0, 4).Select(i => (long)Array.IndexOf(order, i))];
        return Convolve(network.Node("Transpose", null, ("perm", back)), _channels, 2);
    }

    private OnnxNetwork Reshape()
    {
        int length = _channels * _height * _width;
        long[] to = random.Next(4) switch
        {
            0 => [1, _height, _width, _channels],
            1 => [1, _width, _channels, _height],
            2 => [0, -1, 1, 1],
            _ => [1, 1, -1, _width],
        };
        OnnxNetwork network = Image().Node("Abs").Node("Reshape", [List(to)]);
        network = random.Next(2) == 0 ? network.Node("Tanh") : network.Node("Unsqueeze", opset >= 13 ? [List(1)] : null,
            opset >= 13 ? [] : [("axes", new long[] { 1 })]).Node("Tanh");
        return random.Next(2) == 0
            ? Convolve(network.Node("Reshape", [List(1, _channels, _height, _width)]), _channels, 2)
            : network.Node("Flatten").Node("MatMul", [Values(length, 2)]);
    }

    private OnnxNetwork SpelledOut()
    {
        OnnxNetwork n = Convolve(Image(), _channels, _channels);
        string x = n.Last;
        return random.Next(4) switch
        {
            0 => n.Node("Sigmoid").Node("Mul", [x]),
            1 => Clip(n.Node("Add", [Scalar(3)]), 0, 6).Node("Mul", [x]).Node("Div", [Scalar(6)]),
            2 when opset >= 9 => n.Node("Div", [Scalar(Math.Sqrt(2))]).Node("Erf").Node("Add", [Scalar(1)]).Node("Mul", [x])
                .Node("Mul", [Scalar(0.5)]),
            _ => n.Node("Softplus").Node("Tanh").Node("Mul", [x]),
        };
    }

    private OnnxNetwork Residual()
    {
        OnnxNetwork n = Normalize(Convolve(Image(), _channels, 4), 4).Node("Relu");
        string block = n.Last;
        n = Normalize(Convolve(Normalize(Convolve(n, 4, 4), 4).Node("Relu"), 4, 4), 4);
        return n.Node("Add", [block]).Node("Relu").Node("GlobalAveragePool").Node("Flatten").Node("Gemm", [Values(4, 3), Values(3)]);
    }

    private OnnxNetwork Inception()
    {
        OnnxNetwork n = Image();
        string one = Convolve(n, _channels, 2).Node("Relu").Last;
        string two = n.From("x").Node("Conv", [Values(3, _channels, 1, 1)]).Node("Sigmoid").Last;
        string pool = n.From("x").Node("MaxPool", null, ("kernel_shape", new long[] { 3, 3 }), ("pads", new long[] { 1, 1, 1, 1 })).Last;
        return n.From(one).Node("Concat", [two, pool], ("axis", 1)).Node("Flatten")
            .Node("Gemm", [Values((5 + _channels) * _height * _width, 3), Values(3)]);
    }

    private OnnxNetwork Separable()
    {
        OnnxNetwork n = Clip(Normalize(Convolve(Image(), _channels, 6), 6), 0, 6);
        string input = n.Last;
        n = Clip(Normalize(Convolve(n, 6, 6, groups: 6), 6), 0, 6).Node("Conv", [Values(6, 6, 1, 1)]);
        return Normalize(n, 6).Node("Add", [input]).Node("GlobalAveragePool").Node("Reshape", [List(0, -1)]).Node("Softmax");
    }

    private OnnxNetwork SqueezeAndExcite()
    {
        OnnxNetwork n = Convolve(Image(), _channels, 4).Node("Relu");
        string picture = n.Last;
        n = n.Node("GlobalAveragePool").Node("Conv", [Values(2, 4, 1, 1)]).Node("Relu").Node("Conv", [Values(4, 2, 1, 1)]).Node("HardSigmoid");
        string weights = n.Last;
        return random.Next(2) == 0 ? n.Node("Mul", [picture]) : n.From(picture).Node("Mul", [weights]);
    }

    private OnnxNetwork ChannelShuffle()
    {
        int groups = random.Next(2, 4), inner = random.Next(1, 4);
        return Convolve(Convolve(Image(), _channels, groups * inner).Node("Reshape", [List(1, groups, inner, _height, _width)])
            .Node("Transpose", null, ("perm", new long[] { 0, 2, 1, 3, 4 })).Node("Reshape", [List(1, -1, _height, _width)]), groups * inner, 2);
    }

    // As converters from TensorFlow write it.
    private OnnxNetwork ChannelsLast()
    {
        OnnxNetwork n = Convolve(Image(), _channels, 3).Node("Transpose", null, ("perm", new long[] { 0, 2, 3, 1 }));
        string a = n.Last;
        n = n.Node("Add", [Values(3)]).Node("Relu").Node("Concat", [a], ("axis", 3)).Node("Mul", [Values(6)]);
        return random.Next(2) == 0
            ? n.Node("Reshape", [List(-1, 6 * _height * _width)]).Node("MatMul", [Values(6 * _height * _width, 2)])
            : Convolve(n.Node("Transpose", null, ("perm", new long[] { 0, 3, 1, 2 })), 6, 2);
    }

    // view(x.size(0), x.size(1) * x.size(2) * x.size(3)) with weights that are transposed on their way.
    private OnnxNetwork ShapeArithmetic()
    {
        int length = _channels * _height * _width;
        OnnxNetwork n = Image().Node("Relu");
        string picture = n.Last, shape = n.Node("Shape").Last;
        string Size(int i) => n.From(shape).Node("Gather", [(new long[] { i }, new[] { 1 })], ("axis", 0)).Last;
        (string batch, string c, string h, string w) = (Size(0), Size(1), Size(2), Size(3));
        string all = n.From(c).Node("Mul", [h]).Node("Mul", [w]).Last;
        string whole = n.From(all).Node("Cast", null, ("to", 1)).Node("Floor").Node("Cast", null, ("to", 7)).Last;
        string target = n.From(batch).Node("Concat", [whole], ("axis", 0)).Last;
        string weights = n.From(n.Constant(Values(3, length))).Node("Transpose", null, ("perm", new long[] { 1, 0 })).Last;
        return n.From(picture).Node("Reshape", [target]).Node("MatMul", [weights]).Node("Add", [Values(3)]);
    }
}
