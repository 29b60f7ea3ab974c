using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Quantization;

/// <summary>Which layers can work on int16 activations.</summary>
internal static class WideLayers
{
    /// <summary>Whether a layer takes and gives int16 when it is asked to.</summary>
    public static bool Takes(Operation operation) =>
        operation is Conv2D or FullyConnected or TransposeConv or Activate or Concat or Arithmetic { Other: null };

    /// <summary>Whether a layer leaves values as they are, and so has the type of what it reads.</summary>
    public static bool Keeps(Operation operation) =>
        operation is Reshape or MaxPool or AveragePool or Transpose or Slice or Pad { Value: 0 };

    /// <summary>The layers that could read a value as int16, behind those that keep it.</summary>
    public static IEnumerable<Node> Readers(Graph network, string value) => network.Nodes
        .Where(reader => reader.Inputs.Contains(value))
        .SelectMany(reader => Keeps(reader.Operation) ? Readers(network, reader.Output.Name) : Takes(reader.Operation) ? [reader] : []);
}
