using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>Unary functions.</summary>
internal static class ActivationImport
{
    /// <summary>A function whose parameters are attributes, named with their defaults.</summary>
    public static Action<NodeImport> Unary(
        Activation function, (string Name, float Default) alpha = default, (string Name, float Default) beta = default) => node =>
    {
        float Parameter((string Name, float Default) p) => p.Name is null ? p.Default : Finite(node.Float(p.Name, p.Default), p.Name);
        node.EmitElementwise(new Activate(function, Parameter(alpha), Parameter(beta)), node.Activation(0));
    };

    /// <summary>Gaussian error linear unit, exact or by tanh.</summary>
    public static void Gelu(NodeImport node)
    {
        string approximate = node.Text("approximate", "none");
        Activation function = approximate switch
        {
            "none" => Activation.Gelu,
            "tanh" => Activation.GeluTanh,
            _ => throw new UnsupportedNodeException($"attribute approximate = {approximate}; none and tanh are supported"),
        };
        node.EmitElementwise(new Activate(function), node.Activation(0));
    }

    /// <summary>Clip to [0, 6] is Relu6, to [0, infinity) Relu.</summary>
    public static void Clip(NodeImport node)
    {
        float Bound(int input, string attribute, float otherwise) =>
            node.Opset < 11 ? node.Float(attribute, otherwise) : node.Has(input) ? node.Floats(input, 1)[0] : otherwise;
        (float min, float max) = (Bound(1, "min", float.MinValue), Bound(2, "max", float.MaxValue));
        if (float.IsNaN(min) || float.IsNaN(max))
        {
            throw new UnsupportedNodeException($"a clip to [{min}, {max}]");
        }

        node.EmitElementwise((min, max) switch
        {
            (0, 6) => new Activate(Activation.Relu6),
            (0, >= float.MaxValue) => new Activate(Activation.Relu),
            _ => new Activate(Activation.Clip, Math.Max(min, float.MinValue), Math.Min(max, float.MaxValue)),
        }, node.Activation(0));
    }

    /// <summary>A slope a channel; one slope for all is a leaky ReLU.</summary>
    public static void PRelu(NodeImport node)
    {
        ImportedValue input = node.Activation(0).OnnxShape.Count == 4 ? node.Picture(0) : node.Activation(0);
        OnnxConstant slope = node.Constant(1);
        if (slope.Length == 1)
        {
            node.EmitElementwise(new Activate(Activation.LeakyRelu, Finite(slope.Floats()[0], "slope")), input);
            return;
        }

        ConstantTensor alpha = ArithmeticImport.Operand(slope, input);
        if (alpha.Shape.Count != input.Value.Shape.Count || alpha.Shape.SkipLast(1).Any(d => d != 1) || input.ViewOf is not null)
        {
            throw new UnsupportedNodeException(
                $"slopes of shape {slope.Shape.Text()} with {input.OnnxShape.Text()}; one, or one a channel, is supported");
        }

        node.EmitElementwise(new PRelu(alpha.Values) { Given = ArithmeticImport.Given(slope, input) }, input);
    }

    /// <summary>x to a constant power.</summary>
    public static void Pow(NodeImport node)
    {
        OnnxConstant exponent = node.Constant(1);
        if (exponent.Length != 1)
        {
            throw new UnsupportedNodeException($"exponents of shape {exponent.Shape.Text()}; one value is supported");
        }

        node.EmitElementwise(new Activate(Activation.Pow, Finite(exponent.Floats()[0], "exponent")), node.Activation(0));
    }

    private static float Finite(float value, string name) =>
        float.IsFinite(value) ? value : throw new UnsupportedNodeException($"{name} = {value}; a finite value is supported");
}
