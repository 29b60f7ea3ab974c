using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using static EdgeConv.Converters.Onnx.OnnxBuilder;

namespace EdgeConv.Converters.Onnx;

/// <summary>The layers that the float and the QDQ writer put down alike: functions, arithmetic, and what moves elements.</summary>
internal static class OnnxLayers
{
    private const int Opset = 17, OpsetWithMish = 18, OpsetWithDilatedAverage = 19, OpsetWithGelu = 20;

    /// <summary>The oldest operator set that we write and that has all of these functions.</summary>
    public static int OpsetFor(IEnumerable<Activation> functions, bool dilatedAverage) => functions
        .Select(f => f switch { Activation.Gelu or Activation.GeluTanh => OpsetWithGelu, Activation.Mish => OpsetWithMish, _ => Opset })
        .Append(dilatedAverage ? OpsetWithDilatedAverage : Opset).Max();

    /// <summary>What the layer in front of a fused activation writes.</summary>
    public static string BeforeActivation(Activation activation, string output) =>
        activation == Activation.None ? output : $"{output}.linear";

    /// <summary>The fused activation as a node of its own.</summary>
    public static void AddActivation(OnnxBuilder builder, Activation activation, ValueRange bounds, string name, string output)
    {
        if (activation != Activation.None)
        {
            AddFunction(builder, Activations.Of(activation, bounds), $"{name}.{activation}", BeforeActivation(activation, output), output);
        }
    }

    /// <summary>A unary function.</summary>
    public static void AddFunction(OnnxBuilder builder, Activate activate, string name, string input, string output)
    {
        string Scalar(string suffix, float value) => builder.Constant<float>($"{name}.{suffix}", [value]);
        void Plain(string type, params Proto.AttributeProto[] attributes) => builder.Node(type, name, [input], output, attributes);
        (float alpha, float beta) = (activate.Alpha, activate.Beta);
        switch (activate.Function)
        {
            case Activation.None:
                Plain("Identity");
                break;
            case Activation.Relu6:
                builder.Node("Clip", name, [input, Scalar("min", 0), Scalar("max", 6)], output);
                break;
            case Activation.Clip:
                builder.Node("Clip", name, [input, Scalar("min", alpha), Scalar("max", beta)], output);
                break;
            case Activation.LeakyRelu or Activation.ThresholdedRelu or Activation.Elu or Activation.Celu:
                Plain(activate.Function.ToString(), Attribute("alpha", alpha));
                break;
            case Activation.HardSigmoid:
                Plain("HardSigmoid", Attribute("alpha", alpha), Attribute("beta", beta));
                break;
            case Activation.Selu:
                Plain("Selu", Attribute("alpha", alpha), Attribute("gamma", beta));
                break;
            case Activation.GeluTanh:
                Plain("Gelu", Attribute("approximate", "tanh"));
                break;
            case Activation.Pow:
                builder.Node("Pow", name, [input, Scalar("exponent", alpha)], output);
                break;
            case Activation.Silu:
                string scaled = alpha == 1
                    ? input
                    : builder.Node("Mul", $"{name}.scale", [input, Scalar("alpha", alpha)], $"{output}.scaled");
                string sigmoid = builder.Node("Sigmoid", $"{name}.sigmoid", [scaled], $"{output}.sigmoid");
                builder.Node("Mul", name, [input, sigmoid], output);
                break;
            default:
                Plain(activate.Function.ToString());
                break;
        }
    }

    /// <summary>Sum, difference or product.</summary>
    /// <param name="builder">The file.</param>
    /// <param name="arithmetic">What is computed.</param>
    /// <param name="name">The node's name.</param>
    /// <param name="a">First operand: as our graph and as the file knows it.</param>
    /// <param name="b">Second operand; its value is null where it is a constant.</param>
    /// <param name="output">Of our graph.</param>
    /// <param name="y">Its name in the file.</param>
    public static void AddArithmetic(
        OnnxBuilder builder, Arithmetic arithmetic, string name, (Value Value, string Name) a, (Value? Value, string Name) b, Value output,
        string y)
    {
        (string left, string right) = (a.Name, b.Name);
        if (b.Value is { } other && !builder.AreOrderedAlike(a.Value.Name, other.Name))
        {
            (left, right) = (builder.InOurOrder(a.Value.Name, left), builder.InOurOrder(other.Name, right));
        }
        else
        {
            builder.SameOrder(a.Value.Name, output.Name);
        }

        builder.Node(arithmetic.Kind, name, [left, right], BeforeActivation(arithmetic.Activation, y));
        AddActivation(builder, arithmetic.Activation, arithmetic.Bounds, name, y);
    }

    /// <summary>A constant operand in ONNX's order.</summary>
    public static (T[] Values, int[] Shape) Operand<T>(OnnxBuilder builder, string input, T[] values, IReadOnlyList<int> shape) =>
        shape is [var n, var h, var w, var c]
            ? (new ImageShape(h, w, c).RowsToChw(values), [n, c, h, w])
            : (values.Length == 1 ? values : builder.RowOrder(input, values), [.. shape]);

    /// <summary>Activations one behind the other.</summary>
    public static void AddConcat(
        OnnxBuilder builder, int axis, int rank, string name, IEnumerable<(string Value, string Name)> parts, string y) =>
        builder.Node("Concat", name, [.. parts.Select(p => builder.InOurOrder(p.Value, p.Name))], y,
            Attribute("axis", rank == 4 ? FromNhwc[axis] : axis));

    /// <summary>A frame around a picture.</summary>
    public static void AddPad(OnnxBuilder builder, Pad pad, string name, string x, string y)
    {
        long[] pads = [0, pad.Front, pad.Top, pad.Left, 0, pad.Back, pad.Bottom, pad.Right];
        string amounts = builder.Constant<long>($"{name}.pads", pads, 8), value = builder.Constant<float>($"{name}.value", [pad.Value]);
        builder.Node("Pad", name, [x, amounts, value], y);
    }

    /// <summary>Dimensions in another order.</summary>
    public static void AddTranspose(OnnxBuilder builder, IReadOnlyList<int> order, string name, string x, string y) =>
        builder.Node("Transpose", name, [x], y,
            Attribute("perm", [.. Enumerable.Range(0, 4).Select(i => (long)FromNhwc[order[ToNhwc[i]]])]));

    /// <summary>A part of a tensor.</summary>
    /// <param name="builder">The file.</param>
    /// <param name="dimensions">Of each of our dimensions: the first element and the stride.</param>
    /// <param name="name">The node's name.</param>
    /// <param name="input">What is read, as our graph knows it.</param>
    /// <param name="sizes">Elements of each of our dimensions that are taken.</param>
    /// <param name="x">Name in the file of what is read.</param>
    /// <param name="y">Name in the file of what is written.</param>
    public static void AddSlice(OnnxBuilder builder, IReadOnlyList<SliceDimension> dimensions, string name, Value input,
        IReadOnlyList<int> sizes, string x, string y)
    {
        int rank = dimensions.Count;
        int[] cut = [.. Enumerable.Range(1, rank - 1).Where(d => dimensions[d] != new SliceDimension(0, 1) || sizes[d] != input.Shape[d])];
        cut = cut.Length > 0 ? cut : [1];

        // Of a row that runs backwards to its first element, the end lies before that: so far before that it is not counted from the back.
        long End(int d) => dimensions[d].Begin + ((long)sizes[d] * dimensions[d].Stride) is >= 0 and var end ? end : int.MinValue;
        string List(string suffix, Func<int, long> of) => builder.Constant<long>($"{name}.{suffix}", [.. cut.Select(of)], cut.Length);
        builder.Node("Slice", name,
            [
                builder.InOurOrder(input.Name, x), List("starts", d => dimensions[d].Begin), List("ends", End),
                List("axes", d => rank == 4 ? FromNhwc[d] : d), List("steps", d => dimensions[d].Stride),
            ],
            y);
    }

    /// <summary>A picture of another size.</summary>
    public static void AddResize(
        OnnxBuilder builder, ResizeMode mode, ResizeCoordinates coordinates, string name, IReadOnlyList<int> size, string x, string y)
    {
        string sizes = builder.Constant<long>($"{name}.sizes", [size[0], size[3], size[1], size[2]], 4);
        string transformation = coordinates switch
        {
            ResizeCoordinates.HalfPixel => "half_pixel",
            ResizeCoordinates.AlignCorners => "align_corners",
            _ => "asymmetric",
        };
        builder.Node("Resize", name, [x, "", "", sizes], y,
            [
                Attribute("mode", mode == ResizeMode.Nearest ? "nearest" : "linear"),
                Attribute("coordinate_transformation_mode", transformation),
                Attribute("nearest_mode", coordinates == ResizeCoordinates.Asymmetric ? "floor" : "round_prefer_ceil"),
            ]);
    }
}
