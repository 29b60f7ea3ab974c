using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.CodeGen;

/// <summary>Sums of two tensors by the vector extension: the line through both operands, four at a time.</summary>
internal static class VectorSum
{
    private const string Algorithm = "four bytes a vector";

    /// <summary>The form, or why there is none.</summary>
    public static LayerWay Way(CModel model, AddOp op)
    {
        TensorInfo a = model.Info(op.Input), b = model.Info(op.Other), y = model.Info(op.Output);
        string? why = model.IsWide(op.Output) ? "int16" : a.Length != y.Length || b.Length != y.Length ? "an operand that is repeated" : null;
        LinearSum? line = why is null ? LinearSum.Solve(op, a.ZeroPoint, b.ZeroPoint, y.ZeroPoint) : null;
        return line is not { } sum
            ? new RejectedForm(Extension.Mve, Algorithm, why ?? "no line through both operands equals the rule for all pairs of bytes")
            : new LayerForm(Extension.Mve, Algorithm)
            {
                TableBytes = b.Storage == TensorStorage.Constant ? b.Length : 0,
                Instructions = (y.Length + 3) / 4 * 11L,
                Below = 0,
                Write = text => Write(model, op, sum, text),
            };
    }

    private static void Write(CModel model, AddOp op, LinearSum line, CText text)
    {
        if (model.Info(op.Other).Storage == TensorStorage.Constant)
        {
            ElementwiseC.ConstantOperand(model, op.Other, text);
        }

        text.Add($$"""
            static void {{model.Name(op)}}(void)
            {
                edgeconv_sums({{model.At(op.Output)}}, {{model.At(op.Input)}}, {{model.At(op.Other)}}, {{model.Info(op.Output).Length}},
                    {{line.FactorA}}, {{line.FactorB}}, {{line.Constant}}, {{line.Shift}}, {{op.Min}}, {{op.Max}});
            }
            """);
    }
}
