using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>Add, Sub, Mul and Div of two activations, or of an activation and a constant.</summary>
internal static class ArithmeticImport
{
    /// <summary>Sum.</summary>
    public static void Add(NodeImport node) => Combine(node, ArithmeticFunction.Add);

    /// <summary>Difference.</summary>
    public static void Sub(NodeImport node) => Combine(node, ArithmeticFunction.Sub);

    /// <summary>Product.</summary>
    public static void Mul(NodeImport node) => Combine(node, ArithmeticFunction.Mul);

    /// <summary>Quotient by a constant.</summary>
    public static void Div(NodeImport node)
    {
        OnnxConstant divisor = node.Constant(1);
        WithConstant(node, ArithmeticFunction.Mul, node.Activation(0),
            OnnxConstant.FromFloats([.. divisor.Floats().Select(v => 1 / v)], divisor.Shape), constantFirst: false);
    }

    /// <summary>-x.</summary>
    public static void Neg(NodeImport node) =>
        WithConstant(node, ArithmeticFunction.Mul, node.Activation(0), OnnxConstant.FromFloats([-1], []), constantFirst: false);

    /// <summary>Several activations, added up.</summary>
    public static void Sum(NodeImport node)
    {
        if (node.InputCount == 1)
        {
            node.PassOn();
        }
        else if (node.InputCount == 2)
        {
            Combine(node, ArithmeticFunction.Add);
        }
        else
        {
            throw new UnsupportedNodeException($"{node.InputCount} inputs; 2 are supported");
        }
    }

    /// <summary>A constant as an operand of an activation: its dimensions and elements in our order.</summary>
    /// <exception cref="UnsupportedNodeException">It would make the activation larger.</exception>
    public static ConstantTensor Operand(OnnxConstant constant, ImportedValue input)
    {
        ImportedValue source = input.Source;
        IReadOnlyList<int> onnx = source.OnnxShape;
        if (constant.Length == 1)
        {
            return new ConstantTensor(constant.Floats(), [.. onnx.Select(_ => 1)]);
        }

        // ONNX broadcasts from the last dimension: [C] fits a row, [C, 1, 1] a picture.
        int[] shape = [.. Enumerable.Repeat(1, Math.Max(0, onnx.Count - constant.Shape.Length)), .. constant.Shape];
        if (input.ViewOf is not null || shape.Length != onnx.Count || shape.Where((d, i) => d != 1 && d != onnx[i]).Any())
        {
            throw new UnsupportedNodeException($"a constant of shape {constant.Shape.Text()} with {input.OnnxShape.Text()}; "
                + "one that is repeated to the shape of the activation is supported");
        }

        float[] values = constant.Floats();
        if (source.FlattenedFrom is { } image)
        {
            return new ConstantTensor(image.RowsToHwc(values), shape);
        }

        return shape.Length == 4 && !source.IsAsStored
            ? new ConstantTensor(new ImageShape(shape[2], shape[3], shape[1]).RowsToHwc(values), [shape[0], shape[2], shape[3], shape[1]])
            : new ConstantTensor(values, shape);
    }

    private static void Combine(NodeImport node, ArithmeticFunction function)
    {
        if (node.IsConstant(0) || node.IsConstant(1))
        {
            int constant = node.IsConstant(0) ? 0 : 1;
            WithConstant(node, function, node.Activation(1 - constant), node.Constant(constant), constantFirst: constant == 0);
            return;
        }

        (ImportedValue a, ImportedValue b) = (node.Activation(0), node.Activation(1));
        if (a.ViewOf is not null && b.ViewOf is not null && a.OnnxShape.SequenceEqual(b.OnnxShape)
            && a.Source.OnnxShape.SequenceEqual(b.Source.OnnxShape))
        {
            (ImportedValue view, a, b) = (a, a.Source, b.Source);
            (a, b) = SameOrder(node, a, b);
            node.Emit(new Arithmetic(function), [a, b], a.Value.Shape, v => view with { Value = v, ViewOf = a with { Value = v } });
            return;
        }

        int rank = a.OnnxShape.Count;
        bool fits = rank == b.OnnxShape.Count && a.ViewOf is null && b.ViewOf is null
            && a.OnnxShape.Zip(b.OnnxShape).All(d => d.First == d.Second || d.First == 1 || d.Second == 1);
        if (!fits)
        {
            throw new UnsupportedNodeException($"operands of shapes {a.OnnxShape.Text()} and {b.OnnxShape.Text()}; "
                + "two pictures or two rows of the same sizes, or of 1, are supported");
        }

        if (rank == 4 && a.IsAsStored != b.IsAsStored)
        {
            (a, b) = (node.Picture(0), node.Picture(1));
        }
        else
        {
            (a, b) = SameOrder(node, a, b);
        }

        int[] Larger(IReadOnlyList<int> x, IReadOnlyList<int> y) => [.. x.Zip(y, Math.Max)];
        ImportedValue like = a.FlattenedFrom is null ? b : a;
        node.Emit(new Arithmetic(function), [a, b], Larger(a.Value.Shape, b.Value.Shape),
            v => like with { Value = v, OnnxShape = Larger(a.OnnxShape, b.OnnxShape) });
    }

    // Rows that were flattened from different pictures are in different orders; a single element has none.
    private static (ImportedValue A, ImportedValue B) SameOrder(NodeImport node, ImportedValue a, ImportedValue b) =>
        a.FlattenedFrom == b.FlattenedFrom || a.Value.Length == 1 || b.Value.Length == 1
            ? (a, b)
            : (node.InOnnxOrder(a), node.InOnnxOrder(b));

    private static void WithConstant(
        NodeImport node, ArithmeticFunction function, ImportedValue input, OnnxConstant constant, bool constantFirst)
    {
        if (constant.IsDynamic)
        {
            node.Scale();
        }

        ConstantTensor operand = Operand(constant, input);
        if (operand.Values.Any(v => !float.IsFinite(v)))
        {
            throw new UnsupportedNodeException("its constant holds values that are not finite, or it divides by 0");
        }

        int channels = input.Value.Shape[^1];
        if (operand.Values.Length == 1 || (operand.Values.Length == channels && operand.Shape[^1] == channels))
        {
            // x * scale + shift, a channel at a time: a batch normalization in all but name.
            (float[] scale, float[] shift) = function switch
            {
                ArithmeticFunction.Mul => (operand.Values, new float[1]),
                ArithmeticFunction.Add => ([1f], operand.Values),
                _ when constantFirst => ([-1f], operand.Values),
                _ => ([1f], [.. operand.Values.Select(v => -v)]),
            };
            float[] PerChannel(float[] values) => values.Length == 1 ? [.. Enumerable.Repeat(values[0], channels)] : values;
            float[] ones = [.. Enumerable.Repeat(1f, channels)];
            node.EmitElementwise(new BatchNormalization(PerChannel(scale), PerChannel(shift), new float[channels], ones, 0), input);
            return;
        }

        if (constantFirst && function == ArithmeticFunction.Sub)
        {
            throw new UnsupportedNodeException("a constant picture minus an activation; a constant a channel is supported");
        }

        node.EmitElementwise(new Arithmetic(function, operand) { Given = Given(constant, input) }, input);
    }

    /// <summary>The integers of an operand, in our order; null where it has none, or several scales.</summary>
    public static GivenWeights? Given(OnnxConstant constant, ImportedValue input)
    {
        if (constant.Quantized is not { Scales: [var scale], ZeroPoints: [>= sbyte.MinValue and <= sbyte.MaxValue and var zeroPoint] } quantized
            || quantized.Values.Any(v => v is < sbyte.MinValue or > sbyte.MaxValue))
        {
            return null;
        }

        // Floats hold them exactly.
        var integers = OnnxConstant.FromFloats([.. quantized.Values.Select(v => (float)v)], constant.Shape);
        return new GivenWeights([.. Operand(integers, input).Values.Select(v => (sbyte)v)], [scale], null, (int)zeroPoint);
    }
}
