using EdgeConv.Converters.TfLite.Schema;

namespace EdgeConv.Tests.TfLite.Models;

/// <summary>Random layers that combine or map elements.</summary>
internal static class ElementwiseLayers
{
    public static Activation Add(NetworkWriter w, Activation x) => Combine(w, x, "ADD", OperatorOptions.Add);

    public static Activation Sub(NetworkWriter w, Activation x) => Combine(w, x, "SUB", OperatorOptions.Sub);

    public static Activation Mul(NetworkWriter w, Activation x) => Combine(w, x, "MUL", OperatorOptions.Mul);

    public static Activation PRelu(NetworkWriter w, Activation x)
    {
        int channels = x.Shape[^1];
        int[] shape = w.Once(4) ? [1] : x.Shape.Length == 4 ? [1, 1, channels] : [channels];
        int alpha = w.Constant("alpha", shape, w.Bytes(shape[^1]), [w.Scale(0.002, 0.02)], zeroPoint: w.ZeroPoint());
        return w.Operator("PRELU", [x.Tensor, alpha], w.Activation("prelu", x.Shape, x.Scale * w.Scale(0.3, 3), w.ZeroPoint()));
    }

    public static Activation LeakyRelu(NetworkWriter w, Activation x) => w.Operator("LEAKY_RELU", [x.Tensor],
        w.Activation("leaky", x.Shape, x.Scale * w.Scale(0.2, 3), w.ZeroPoint()),
        new OperatorOptions(OperatorOptions.LeakyRelu, (LeakyReluOptions.Alpha, w.Wide ? w.Pick(0.1f, 0.25f, 0.7f) : w.Pick(0.1f, 0.2f, 0.01f, -0.3f, 1.5f))));

    public static Activation Relu(NetworkWriter w, Activation x) =>
        w.Operator("RELU", [x.Tensor], w.Activation("relu", x.Shape, x.Scale * w.Scale(0.3, 3), w.ZeroPoint()));

    public static Activation Relu6(NetworkWriter w, Activation x) => w.Operator("RELU6", [x.Tensor], w.Like("relu6", x, x.Shape));

    public static Activation Logistic(NetworkWriter w, Activation x) =>
        w.Operator("LOGISTIC", [x.Tensor], w.Activation("logistic", x.Shape, w.Wide ? 1f / 32768 : 1f / 256, w.Wide ? 0 : -128));

    public static Activation Tanh(NetworkWriter w, Activation x) =>
        w.Operator("TANH", [x.Tensor], w.Activation("tanh", x.Shape, w.Wide ? 1f / 32768 : 1f / 128, 0));

    public static Activation HardSwish(NetworkWriter w, Activation x) =>
        w.Operator("HARD_SWISH", [x.Tensor], w.Activation("swish", x.Shape, x.Scale * w.Scale(0.1, 3), w.ZeroPoint()));

    public static Activation Elu(NetworkWriter w, Activation x) =>
        w.Operator("ELU", [x.Tensor], w.Activation("elu", x.Shape, x.Scale * w.Scale(0.2, 3), w.ZeroPoint()));

    public static Activation Abs(NetworkWriter w, Activation x) =>
        w.Operator("ABS", [x.Tensor], w.Activation("abs", x.Shape, w.Once(2) ? x.Scale : x.Scale * w.Scale(0.3, 3), w.ZeroPoint()));

    public static Activation Bound(NetworkWriter w, Activation x)
    {
        int bound = w.Constant("bound", [1], w.Bytes(1), [x.Scale], zeroPoint: x.ZeroPoint);
        return w.Operator(w.Pick("MAXIMUM", "MINIMUM"), [x.Tensor, bound], w.Like("bounded", x, x.Shape));
    }

    public static Activation Quantize(NetworkWriter w, Activation x) =>
        w.Operator("QUANTIZE", [x.Tensor], w.Activation("quantized", x.Shape, x.Scale * w.Scale(0.2, 5), w.ZeroPoint()));

    public static Activation Softmax(NetworkWriter w, Activation x) => w.Operator("SOFTMAX", [x.Tensor],
        w.Activation("softmax", x.Shape, w.Wide ? 1f / 32768 : 1f / 256, w.Wide ? 0 : -128),
        new OperatorOptions(OperatorOptions.Softmax, (SoftmaxOptions.Beta, w.Pick(1f, 1f, 0.5f, 2.5f))));

    public static Activation LogSoftmax(NetworkWriter w, Activation x) =>
        w.Operator("LOG_SOFTMAX", [x.Tensor], w.Activation("logsoftmax", x.Shape, 1f / 16, 127));

    // A second operand of the same shape, of one with ones in it, or a constant; in front now and then.
    private static Activation Combine(NetworkWriter w, Activation x, string kind, int options)
    {
        int[] shape = [.. x.Shape.Select(d => w.Once(3) ? 1 : d)];
        shape = w.Once(2) ? x.Shape : w.Once(3) ? [x.Shape[^1]] : w.Once(3) ? [1] : shape;
        float scale = x.Scale * w.Scale(0.1, 10);
        int other = w.Once(4) ? x.Tensor : w.Operand("other", shape, scale);
        float output = kind == "MUL" ? x.Scale * scale * w.Scale(10, 100) * (w.Wide ? 256 : 1) : Math.Max(x.Scale, scale) * w.Scale(0.3, 3);
        int[] inputs = kind != "SUB" && other != x.Tensor && w.Once(3) ? [other, x.Tensor] : [x.Tensor, other];
        Activation y = w.Activation(kind.ToLowerInvariant(), x.Shape, output, w.ZeroPoint());
        return w.Operator(kind, inputs, y, new OperatorOptions(options, (ArithmeticOptions.Activation, ConvolutionLayers.Fused(w))));
    }
}
