using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>Generated code takes one picture at a time.</summary>
internal static class OnePicture
{
    /// <summary>Goes on with a model that does.</summary>
    /// <param name="model">The model.</param>
    /// <param name="code">What is generated, as messages call it.</param>
    /// <exception cref="CodeGenException">It takes several.</exception>
    public static void Demand(Model model, string code)
    {
        if (model.Tensors.FirstOrDefault(t => t.Storage == TensorStorage.Arena && t.Shape.Count == 4 && t.Shape[0] != 1) is { } batch)
        {
            throw new CodeGenException($"tensor {batch.Name} has a batch of {batch.Shape[0]}; {code} is generated for one picture at a time.");
        }
    }
}
