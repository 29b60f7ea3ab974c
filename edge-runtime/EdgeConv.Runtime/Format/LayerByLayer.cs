namespace EdgeConv.Runtime.Format;

/// <summary>Takes fused operators apart.</summary>
internal static class LayerByLayer
{
    /// <summary>The same network with every fused pooling as an operator of its own, behind a convolution whose output is an activation again.</summary>
    /// <returns>The given contents where nothing is fused. Golden vectors count layers that are others now, and are left out.</returns>
    public static ModelContents Of(ModelContents model)
    {
        if (!model.Operators.Any(op => op is Conv2DOp { IsPooled: true }))
        {
            return model;
        }

        var tensors = new List<TensorInfo>(model.Tensors);
        var operators = new List<ModelOperator>();
        int arena = model.ArenaBytes;
        foreach (ModelOperator op in model.Operators)
        {
            if (op is not Conv2DOp { IsPooled: true } conv)
            {
                operators.Add(op);
                continue;
            }

            // between its two operators nothing else runs, so all such pictures may lie in the same bytes behind the arena
            TensorInfo input = model.Tensors[conv.Input], output = model.Tensors[conv.Output];
            Window window = conv.Window;
            int[] shape = [input.Shape[0], window.OutputH(input.Shape[1]), window.OutputW(input.Shape[2]), output.Shape[3]];
            TensorInfo picture = output with { Name = conv.Name, Shape = shape, Offset = model.ArenaBytes };
            arena = Math.Max(arena, checked(model.ArenaBytes + picture.ByteLength));
            Pooling pool = conv.Pool;
            operators.Add(conv with { Output = tensors.Count, Pool = Pooling.None });
            operators.Add(new MaxPoolOp(output.Name, tensors.Count, conv.Output,
                new Window(pool.KernelH, pool.KernelW, pool.StrideH, pool.StrideW), conv.Min, conv.Max));
            tensors.Add(picture);
        }

        return model with { Tensors = [.. tensors], Operators = [.. operators], ArenaBytes = arena, GoldenVectors = [] };
    }
}
