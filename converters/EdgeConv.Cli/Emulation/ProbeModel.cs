using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;

namespace EdgeConv.Cli.Emulation;

/// <summary>A copy of a model that carries one golden vector of our choice, so that a device can say in which layer it leaves it.</summary>
internal static class ProbeModel
{
    /// <summary>The bytes of the copy.</summary>
    public static byte[] Write(Model model, GoldenVector golden) => ModelWriter.Write(new ModelSpec
    {
        Name = model.Name,
        Tensors = [.. model.Tensors.Select((tensor, index) => new TensorSpec(
            tensor, tensor.Storage == TensorStorage.Constant ? model.ConstantBytes(index).ToArray() : []))],
        Operators = model.Operators,
        Input = model.InputTensor,
        Output = model.OutputTensor,
        ArenaBytes = model.ArenaBytes,
        GoldenVectors = [golden],
    });

}
