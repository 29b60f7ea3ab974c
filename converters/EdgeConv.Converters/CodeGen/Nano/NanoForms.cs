using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>The ways to compute each kind of layer.</summary>
internal static class NanoForms
{
    /// <summary>All of them, at least one.</summary>
    /// <exception cref="CodeGenException">There is none yet; the message names the layer.</exception>
    public static IReadOnlyList<NanoForm> Of(NanoModel model, ModelOperator op)
    {
        if (op.Inputs.Append(op.Output).Select(model.Info).FirstOrDefault(t => t.Type == ElementType.Int16) is { } wide)
        {
            throw new CodeGenException($"layer {op.Name} has int16 activations ({wide.Name}); code for nanoFramework is of int8. Convert without 16x8 layers.");
        }

        IReadOnlyList<NanoForm> forms = op switch
        {
            Conv2DOp o => Convolution(model, o),
            FullyConnectedOp o => FullyConnected(model, o),
            _ => [ElementForms.Of(model, op)],
        };
        NanoForm[] able = [.. forms.Where(form => !(model.HasSlots && form.IsConstant))];
        return able.Length > 0 ? able : throw new CodeGenException(
            $"layer {op.Name} has weights with a zero point of their own, which go into the code and not into a slot. Quantize with symmetric weights, or export without --weights.");
    }

    private static IReadOnlyList<NanoForm> Convolution(NanoModel model, Conv2DOp op)
    {
        NanoForm? patch = PatchConvolution.Form(model, op);
        NanoForm?[] forms = [LoopForms.Convolution(model, op), BlockConvolution.Form(model, op), patch, DepthwiseForm.Of(model, op)];
        return [.. forms.OfType<NanoForm>()];
    }

    private static IReadOnlyList<NanoForm> FullyConnected(NanoModel model, FullyConnectedOp op)
    {
        NanoSums sums = model.Sums(op);
        NanoForm straight = FullyConnectedForms.Straight(model, op);
        return FullyConnectedForms.HasByteWeights(sums) ? [LoopForms.FullyConnected(model, op, sums), FullyConnectedForms.Rows(model, op, sums), straight] : [straight];
    }
}
