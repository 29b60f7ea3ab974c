using System.Runtime.InteropServices;
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
        Tensors = [.. model.Tensors.Select((tensor, index) => new TensorSpec(tensor, Data(model, tensor, index)))],
        Operators = model.Operators,
        Input = IndexOf(model, model.Input),
        Output = IndexOf(model, model.Output),
        ArenaBytes = model.ArenaBytes,
        GoldenVectors = [golden],
    });

    private static byte[] Data(Model model, TensorInfo tensor, int index) => (tensor.Storage, tensor.Type) switch
    {
        (TensorStorage.Arena, _) => [],
        (_, ElementType.Int8) => MemoryMarshal.AsBytes(model.Int8Data(index)).ToArray(),
        _ => MemoryMarshal.AsBytes(model.Int32Data(index)).ToArray(),
    };

    private static int IndexOf(Model model, TensorInfo tensor) =>
        Enumerable.Range(0, model.Tensors.Count).First(index => ReferenceEquals(model.Tensors[index], tensor));
}
