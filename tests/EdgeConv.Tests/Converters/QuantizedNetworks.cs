using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EdgeConv.Tests.Converters;

/// <summary>
/// Networks of one quantized layer, as quantization tools write them: QDQ or QOperator, int8 or uint8, one scale or one a channel, bias
/// as integers or floats. The input is quantized first, the output last.
/// </summary>
internal sealed class QuantizedNetworks(Random random, int opset, int[] image)
{
    private const double Uniform = 74; // deviation of a byte

    // Without these instructions ONNX Runtime saturates sums of two products; weights of 7 bits stay below.
    private static readonly bool _hasExactKernels = AvxVnni.IsSupported || AdvSimd.IsSupported;

    private readonly int _channels = image[1];
    private readonly bool _isUnsigned = random.Next(2) == 0;
    private readonly bool _perChannel = opset >= 13 && random.Next(2) == 0;

    private (float Scale, int ZeroPoint) _input;

    public (OnnxNetwork Network, float OutputScale, int OutputZero, bool IsUnsigned) Build(string family)
    {
        bool row = family is "gemm" or "matmul" or "qlinear matmul" or "qgemm" or "matmul integer" or "softmax" or "qlinear softmax";
        var network = new OnnxNetwork(opset, row ? [1, _channels] : [.. image.Cast<object>()]);
        _input = (0.01f + (float)(random.NextDouble() * 0.1), Zero());
        string x = network.Node("QuantizeLinear", Parameters(_input.Scale, _input.ZeroPoint)).Last;
        (float scale, int zero, bool done) = family switch
        {
            "conv" => Conv(network),
            "qlinear conv" => QLinearConv(network, x),
            "transposed conv" => TransposedConv(network),
            "gemm" => Gemm(network),
            "matmul" => MatMul(network),
            "qlinear matmul" => QLinearMatMul(network, x),
            "qgemm" => QGemm(network, x),
            "matmul integer" => MatMulInteger(network, x),
            "conv integer" => ConvInteger(network, x),
            "max pool" => Pool(network, "MaxPool"),
            "average pool" => Pool(network, "AveragePool"),
            "global average pool" => Same(Float(network).Node("GlobalAveragePool"), 0.3),
            "reduce mean" => Same(opset >= 18 ? Float(network).Node("ReduceMean", [List(2, 3)]) : Float(network).Node("ReduceMean", null, ("axes", new long[] { 2, 3 })), 0.3),
            "qlinear pool" => QLinearPool(network, x),
            "sum" or "difference" or "product" => Binary(network, family),
            "qlinear add" or "qlinear mul" => QLinearBinary(network, x, family == "qlinear add" ? "Add" : "Mul"),
            "constant" => Constant(network),
            "concat" => Concat(network),
            "qlinear concat" => QLinearConcat(network, x),
            "function" => Function(network),
            "qlinear function" => QLinearFunction(network, x),
            "softmax" => Softmax(network),
            "qlinear softmax" => QLinear(network, "com.microsoft.QLinearSoftmax", [x, .. In()], 1 / 256f, Lowest, ("axis", 1), ("opset", 13)),
            "integers" => Integers(network),
            "requantize" => Same(Float(network), 0.2 + (random.NextDouble() * 2)),
            "prelu" => Same(Float(network).Node("PRelu", [Weights(network, [_channels, 1, 1], 0.3f, -1).Real]), 0.5 + random.NextDouble()),
            "pad" => Same(Float(network).Node("Pad", [List(0, 0, 1, 2, 0, 0, 0, 1)]), 1),
            _ => throw new ArgumentException(family),
        };
        if (!done)
        {
            network.Node("QuantizeLinear", Parameters(scale, zero));
        }

        network.Node("DequantizeLinear", Parameters(scale, zero));
        return (network, scale, zero - (_isUnsigned ? 128 : 0), _isUnsigned);
    }

    public sbyte[] Bytes(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return Array.ConvertAll(bytes, b => (sbyte)b);
    }

    /// <summary>The real value of one of our input bytes.</summary>
    public float Real(sbyte q) => _input.Scale * (q - (_input.ZeroPoint - (_isUnsigned ? 128 : 0)));

    private int Lowest => _isUnsigned ? 0 : -128;

    private int Zero() => random.Next(3) == 0 ? Lowest : random.Next(Lowest + 20, Lowest + 236);

    private object[] Parameters(float scale, int zeroPoint) => [(new[] { scale }, Array.Empty<int>()), Point(zeroPoint)];

    private object[] In() => Parameters(_input.Scale, _input.ZeroPoint);

    private object Point(int zeroPoint) => _isUnsigned
        ? (new[] { (byte)zeroPoint }, Array.Empty<int>())
        : (new[] { (sbyte)zeroPoint }, Array.Empty<int>());

    private static (long[], int[]) List(params long[] values) => (values, [values.Length]);

    private OnnxNetwork Float(OnnxNetwork network) => network.Node("DequantizeLinear", In());

    // The output's scale for values as large as the input's, times a factor.
    private (float, int, bool) Same(OnnxNetwork _, double factor) => ((float)(_input.Scale * factor), Zero(), false);

    /// <summary>Weights as integers with scales, and as the floats that a DequantizeLinear makes of them.</summary>
    private (string Integers, string Scale, string Zero, string Real, float[] Scales) Weights(
        OnnxNetwork network, int[] shape, float size, int axis, bool likeInput = false)
    {
        int length = shape.Aggregate(1, (n, d) => n * d), count = _perChannel && axis >= 0 ? shape[axis] : 1;
        float[] scales = [.. Enumerable.Range(0, count).Select(_ => size / 127 * (0.3f + (float)random.NextDouble()))];
        int[] channels = count == 1 ? [] : [count];
        bool isUnsigned = random.Next(4) == 0 && (_isUnsigned || !likeInput); // ONNX Runtime has no int8 by uint8
        int zero = isUnsigned ? random.Next(3) == 0 ? random.Next(256) : 128 : 0;
        var bytes = new byte[length];
        random.NextBytes(bytes);
        bytes = _hasExactKernels ? bytes : [.. bytes.Select(b => isUnsigned ? (byte)(b / 2) : (byte)((sbyte)b / 2))];
        object values = isUnsigned ? (bytes, shape) : (Array.ConvertAll(bytes, b => (sbyte)b), shape);
        object zeros = isUnsigned
            ? (Enumerable.Repeat((byte)zero, count).ToArray(), channels)
            : (new sbyte[count], channels);
        (string v, string s, string z) = (network.Constant(values), network.Constant((scales, channels)), network.Constant(zeros));
        string last = network.Last;
        (string, object)[] along = count == 1 ? [] : [("axis", axis)];
        if (random.Next(4) == 0)
        {
            // As exporters of quantization-aware training write weights: float, and quantized in the file.
            int inner = count == 1 ? length : shape.Skip(axis + 1).Aggregate(1, (n, d) => n * d);
            float[] floats = [.. bytes.Select((b, i) => scales[i / inner % count] * (isUnsigned ? b - zero : (sbyte)b))];
            network.From(network.Constant((floats, shape))).Node("QuantizeLinear", [s, z], along);
        }
        else
        {
            network.From(v);
        }

        string real = network.Node("DequantizeLinear", [s, z], along).Last;
        network.From(last);
        return (v, s, z, real, scales);
    }

    private (string Integers, string Real, int[] Values) Bias(OnnxNetwork network, float[] scales, int outputs, double size)
    {
        float[] own = [.. Enumerable.Range(0, scales.Length).Select(i => scales[i] * _input.Scale)];
        int[] values = [.. Enumerable.Range(0, outputs).Select(i => (int)((random.NextDouble() - 0.5) * 2 * size / own[i % own.Length]))];
        string v = network.Constant((values, new[] { outputs }));
        string last = network.Last;
        int[] shape = own.Length == 1 ? [] : [own.Length];
        string real = random.Next(3) == 0 && opset > 10 // where ONNX Runtime quantizes it with operators of opset 11
            ? network.Constant(((float[])[.. values.Select((b, i) => b * own[i % own.Length])], new[] { outputs }))
            : network.From(v).Node("DequantizeLinear", [(own, shape)], own.Length == 1 ? [] : [("axis", 0)]).Last;
        network.From(last);
        return (v, real, values);
    }

    private float OutputScale(int taps, float size) =>
        (float)(Math.Sqrt(taps) * Uniform * _input.Scale * size * 0.7 * 4 / 255 * (0.4 + (random.NextDouble() * 1.5)));

    private (object Pads, int Kernel, int Groups, int Outputs, (string, object)[] Attributes) Window()
    {
        int kernel = random.Next(1, 4), groups = random.Next(3) switch { 0 => _channels, _ => 1 };
        int outputs = groups * random.Next(1, 5);
        long[] pads = [.. Enumerable.Range(0, 4).Select(_ => (long)random.Next(kernel))];
        return (pads, kernel, groups, outputs, [("kernel_shape", new long[] { kernel, kernel }), ("group", groups), ("pads", pads),
            ("strides", new long[] { random.Next(1, 3), random.Next(1, 3) })]);
    }

    private (float, int, bool) Conv(OnnxNetwork network)
    {
        var w = Window();
        int taps = w.Kernel * w.Kernel * _channels / w.Groups;
        Float(network);
        var weights = Weights(network, [w.Outputs, _channels / w.Groups, w.Kernel, w.Kernel], 1, 0);
        float scale = OutputScale(taps, 1);
        object[] constants = random.Next(4) == 0
            ? [weights.Real]
            : [weights.Real, Bias(network, [.. Enumerable.Range(0, _perChannel ? w.Outputs : 1).Select(i => weights.Scales[i])], w.Outputs, scale * 100).Real];
        network.Node("Conv", constants, w.Attributes);
        int zero = Zero();
        switch (random.Next(4))
        {
            case 0:
                network.Node("Relu");
                break;
            case 1 when opset >= 11:
                network.Node("Clip", [(new[] { 0f }, Array.Empty<int>()), (new[] { 6f }, Array.Empty<int>())]);
                break;
        }

        return (scale, zero, false);
    }

    private (float, int, bool) QLinearConv(OnnxNetwork network, string x)
    {
        var w = Window();
        int taps = w.Kernel * w.Kernel * _channels / w.Groups;
        var weights = Weights(network, [w.Outputs, _channels / w.Groups, w.Kernel, w.Kernel], 1, 0, likeInput: true);
        float scale = OutputScale(taps, 1);
        int zero = Zero();
        object[] constants = [.. In(), weights.Integers, weights.Scale, weights.Zero, .. Parameters(scale, zero)];
        if (random.Next(3) > 0)
        {
            constants = [.. constants, Bias(network, weights.Scales, w.Outputs, scale * 100).Integers];
        }

        network.From(x).Node("QLinearConv", constants, w.Attributes);
        return (scale, zero, true);
    }

    private (float, int, bool) TransposedConv(OnnxNetwork network)
    {
        int kernel = random.Next(1, 4), groups = random.Next(2) == 0 ? 1 : _channels, outputs = random.Next(1, 4);
        long stride = random.Next(1, 3);
        Float(network);
        var weights = Weights(network, [_channels, outputs, kernel, kernel], 1, 1);
        network.Node("ConvTranspose", [weights.Real], ("group", groups), ("strides", new[] { stride, stride }));
        return (OutputScale(Math.Max(1, kernel * kernel * _channels / groups), 1), Zero(), false);
    }

    private (float, int, bool) Gemm(OnnxNetwork network)
    {
        int outputs = random.Next(1, 12), transposed = random.Next(2);
        Float(network);
        var weights = Weights(network, transposed == 1 ? [outputs, _channels] : [_channels, outputs], 1, 1 - transposed);
        float scale = OutputScale(_channels, 1);
        var bias = Bias(network, weights.Scales, outputs, scale * 100);
        network.Node("Gemm", [weights.Real, bias.Real], ("transB", transposed));
        return (scale, Zero(), false);
    }

    private (float, int, bool) MatMul(OnnxNetwork network)
    {
        int outputs = random.Next(1, 12);
        Float(network);
        var weights = Weights(network, [_channels, outputs], 1, 1);
        network.Node("MatMul", [weights.Real]);
        return (OutputScale(_channels, 1), Zero(), false);
    }

    private (float, int, bool) QLinearMatMul(OnnxNetwork network, string x)
    {
        int outputs = random.Next(1, 12), zero = Zero();
        var weights = Weights(network, [_channels, outputs], 1, 1, likeInput: true);
        float scale = OutputScale(_channels, 1);
        network.From(x).Node("QLinearMatMul", [.. In(), weights.Integers, weights.Scale, weights.Zero, .. Parameters(scale, zero)]);
        return (scale, zero, true);
    }

    private (float, int, bool) QGemm(OnnxNetwork network, string x)
    {
        int outputs = random.Next(1, 12), zero = Zero(), transposed = random.Next(2);
        var weights = Weights(network, transposed == 1 ? [outputs, _channels] : [_channels, outputs], 1, 1 - transposed, likeInput: true);
        float scale = OutputScale(_channels, 1);
        string bias = Bias(network, weights.Scales, outputs, scale * 100).Integers;
        network.From(x).Node("com.microsoft.QGemm",
            [.. In(), weights.Integers, weights.Scale, weights.Zero, bias, .. Parameters(scale, zero)], ("transB", transposed));
        return (scale, zero, true);
    }

    private (float, int, bool) MatMulInteger(OnnxNetwork network, string x)
    {
        int outputs = random.Next(1, 12);
        var weights = Weights(network, [_channels, outputs], 1, -1, likeInput: true);
        network.From(x).Node("MatMulInteger", [weights.Integers, Point(_input.ZeroPoint), weights.Zero]).Node("Cast", null, ("to", 1))
            .Node("Mul", [(new[] { _input.Scale * weights.Scales[0] }, Array.Empty<int>())]);
        return (OutputScale(_channels, 1), Zero(), false);
    }

    private (float, int, bool) ConvInteger(OnnxNetwork network, string x)
    {
        var w = Window();
        var weights = Weights(network, [w.Outputs, _channels / w.Groups, w.Kernel, w.Kernel], 1, -1, likeInput: true);
        network.From(x).Node("ConvInteger", [weights.Integers, Point(_input.ZeroPoint), weights.Zero], w.Attributes).Node("Cast", null, ("to", 1))
            .Node("Mul", [(new[] { _input.Scale * weights.Scales[0] }, Array.Empty<int>())]);
        return (OutputScale(w.Kernel * w.Kernel * _channels / w.Groups, 1), Zero(), false);
    }

    private (float, int, bool) Pool(OnnxNetwork network, string type)
    {
        int kernel = random.Next(1, 4);
        bool padded = type == "MaxPool" || random.Next(3) == 0;
        long[] pads = [.. Enumerable.Range(0, 4).Select(_ => padded ? (long)random.Next(kernel) : 0)];
        Float(network).Node(type, null, ("kernel_shape", new long[] { kernel, kernel }), ("pads", pads), ("strides", new long[] { 2, 1 }));
        return type == "AveragePool" && !padded ? Same(network, 0.3 + random.NextDouble()) : (_input.Scale, _input.ZeroPoint, false);
    }

    // ONNX Runtime wraps around where a probability of 1 is beyond the largest byte.
    private (float, int, bool) Softmax(OnnxNetwork network)
    {
        Float(network).Node("Softmax", null, ("axis", 1));
        return ((float)((1 / 255.0) + (random.NextDouble() * 0.0005)), Lowest, false);
    }

    private (float, int, bool) QLinearPool(OnnxNetwork network, string x) => random.Next(2) == 0
        ? QLinear(network, "com.microsoft.QLinearGlobalAveragePool", [x, .. In()], _input.Scale * 0.3f, Zero(), ("channels_last", 0))
        : QLinear(network, "com.microsoft.QLinearAveragePool", [x, .. In()], _input.Scale * 0.6f, Zero(), ("kernel_shape", new long[] { 2, 2 }));

    private (float, int, bool) QLinear(
        OnnxNetwork network, string type, object[] inputs, float scale, int zero, params (string, object)[] attributes)
    {
        network.From((string)inputs[0]).Node(type, [.. inputs[1..], .. Parameters(scale, zero)], attributes);
        return (scale, zero, true);
    }

    // A second operand: a function of the first at another scale.
    private (string Integers, string Real, float Scale, int Zero) Other(OnnxNetwork network, string x)
    {
        float scale = _input.Scale * (0.3f + (float)random.NextDouble());
        int zero = Zero();
        string q = network.From(x).Node("DequantizeLinear", In()).Node("LeakyRelu", null, ("alpha", 0.25f)).Node("QuantizeLinear", Parameters(scale, zero)).Last;
        return (q, network.Node("DequantizeLinear", Parameters(scale, zero)).Last, scale, zero);
    }

    private (float, int, bool) Binary(OnnxNetwork network, string family)
    {
        string x = network.Last;
        var other = Other(network, x);
        Float(network.From(x)).Node(family switch { "sum" => "Add", "difference" => "Sub", _ => "Mul" }, [other.Real]);
        return family == "product"
            ? ((float)(_input.Scale * 128 * other.Scale * 128 / 100), Zero(), false)
            : ((float)((_input.Scale + other.Scale) * (0.3 + random.NextDouble())), Zero(), false);
    }

    private (float, int, bool) QLinearBinary(OnnxNetwork network, string x, string type)
    {
        var other = Other(network, x);
        float scale = type == "Mul" ? _input.Scale * 128 * other.Scale * 128 / 100 : _input.Scale + other.Scale;
        return QLinear(network, $"com.microsoft.QLinear{type}", [x, .. In(), other.Integers, .. Parameters(other.Scale, other.Zero)], scale, Zero());
    }

    private (float, int, bool) Constant(OnnxNetwork network)
    {
        Float(network);
        int[] shape = random.Next(2) == 0 ? [_channels, 1, 1] : [_channels, image[2], image[3]];
        string type = ((string[])["Add", "Sub", "Mul"])[random.Next(3)];
        network.Node(type, [Weights(network, shape, type == "Mul" ? 1 : _input.Scale * 127, -1).Real]);
        return Same(network, 0.7 + random.NextDouble());
    }

    private (float, int, bool) Concat(OnnxNetwork network)
    {
        string x = network.Last;
        var other = Other(network, x);
        Float(network.From(x)).Node("Concat", [other.Real], ("axis", random.Next(1, 4)));
        return Same(network, 0.5 + random.NextDouble());
    }

    private (float, int, bool) QLinearConcat(OnnxNetwork network, string x)
    {
        var other = Other(network, x);
        (float scale, int zero) = (_input.Scale * (0.5f + (float)random.NextDouble()), Zero());
        object[] output = Parameters(scale, zero);
        network.From(network.Constant(output[0])).Node("com.microsoft.QLinearConcat",
            [output[1], x, .. In(), other.Integers, .. Parameters(other.Scale, other.Zero)], ("axis", 1));
        return (scale, zero, true);
    }

    private (float, int, bool) Function(OnnxNetwork network)
    {
        (string Type, int Since, double Size)[] all =
        [
            ("Relu", 7, 1), ("Tanh", 7, 0), ("Sigmoid", 7, 0), ("LeakyRelu", 7, 1), ("Elu", 7, 1), ("HardSigmoid", 7, 0), ("HardSwish", 14, 1),
            ("Softplus", 7, 1), ("Abs", 7, 1), ("Softsign", 7, 0), ("Mish", 18, 1), ("Gelu", 20, 1), ("Neg", 7, 1),
        ];
        all = [.. all.Where(f => f.Since <= opset)];
        (string type, _, double size) = all[random.Next(all.Length)];
        Float(network).Node(type);
        return size == 0 ? (1 / 128f, _isUnsigned ? 128 : 0, false) : Same(network, size);
    }

    private (float, int, bool) QLinearFunction(OnnxNetwork network, string x) => random.Next(2) == 0
        ? QLinear(network, "com.microsoft.QLinearSigmoid", [x, .. In()], 1 / 256f, Lowest)
        : QLinear(network, "com.microsoft.QLinearLeakyRelu", [x, .. In()], _input.Scale * 0.8f, Zero(), ("alpha", 0.1f));

    // Nodes that move or choose bytes without looking at them.
    private (float, int, bool) Integers(OnnxNetwork network)
    {
        if (opset >= 12)
        {
            network.Node("MaxPool", null, ("kernel_shape", new long[] { 2, 2 }));
        }

        if (opset >= 13)
        {
            network.Node("Pad", [List(0, 0, 1, 0, 0, 0, 0, 2), Point(_isUnsigned ? 200 : -7)]);
        }

        network.Node("Transpose", null, ("perm", new long[] { 0, 2, 3, 1 })).Node("Flatten");
        return (_input.Scale, _input.ZeroPoint, true);
    }
}
