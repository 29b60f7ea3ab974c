using System.Collections.ObjectModel;
using EdgeConv.Converters.Quantization;

namespace EdgeConv.Converters.Graphs;

/// <summary>A float ConvNet between import and quantization. Every shape is NHWC (or [N, C] once flattened); batch size is 1.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Input">The value that the caller supplies.</param>
/// <param name="Nodes">In an order in which each reads only what stands before it.</param>
/// <param name="Output">Name of the value that the caller wants.</param>
public sealed record Graph(string Name, Value Input, IReadOnlyList<Node> Nodes, string Output)
{
    /// <summary>What the input pictures look like, when the network takes pictures.</summary>
    public PictureInput? Picture { get; init; }

    /// <summary>Names of the classes, one an output.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Scales and zero points that the network's file gives its values, by name; empty for a float network.</summary>
    public IReadOnlyDictionary<string, ActivationQuantization> Given { get; init; } = ReadOnlyDictionary<string, ActivationQuantization>.Empty;

    /// <summary>What its user should know about how the file was read, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Whether the file gives integers or scales.</summary>
    public bool IsQuantized => Given.Count > 0 || Nodes.Any(n => n.Operation.Given is not null);
}

/// <summary>Something that flows between nodes.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Shape">[1, H, W, C] or [1, C].</param>
public sealed record Value(string Name, IReadOnlyList<int> Shape)
{
    /// <summary>Number of elements.</summary>
    public int Length => Shape.Aggregate(1, (n, d) => n * d);
}

/// <summary>One layer. Weights and other constants are inside the operation; inputs name values.</summary>
/// <param name="Name">Unique; errors and reports show it.</param>
/// <param name="Operation">What is computed.</param>
/// <param name="Inputs">Names of the values read.</param>
/// <param name="Output">The value written.</param>
public sealed record Node(string Name, Operation Operation, IReadOnlyList<string> Inputs, Value Output);
