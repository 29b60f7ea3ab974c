namespace EdgeConv.Converters.Onnx;

/// <summary>A node that this tool cannot take over.</summary>
/// <param name="Node">Its name in the file, or operator_index where it has none.</param>
/// <param name="Operator">The ONNX operator, with its domain when that is not ONNX's own.</param>
/// <param name="Reason">What about it: the attribute or input, its value, and what is supported.</param>
public sealed record UnsupportedNode(string Node, string Operator, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Operator} '{Node}': {Reason}";
}

/// <summary>The file is not an ONNX network that this tool can take; the message lists every node that stands in the way.</summary>
public sealed class OnnxImportException : Exception
{
    /// <summary>The file as a whole is wrong.</summary>
    public OnnxImportException(string message, Exception? inner = null)
        : base(message, inner)
    {
        UnsupportedNodes = [];
    }

    /// <summary>Some nodes cannot be taken over.</summary>
    public OnnxImportException(string file, IReadOnlyList<UnsupportedNode> nodes)
        : base($"{file}: {(nodes.Count == 1 ? "a node is" : $"{nodes.Count} nodes are")} not supported. Export the network without, or "
            + $"replace:{string.Concat(nodes.Select(n => $"{Environment.NewLine}  {n}"))}")
    {
        UnsupportedNodes = nodes;
    }

    /// <summary>Every unsupported node, in the order of the file; empty when the file itself is broken.</summary>
    public IReadOnlyList<UnsupportedNode> UnsupportedNodes { get; }
}

/// <summary>Thrown by an import function; the reader collects it with the node's name.</summary>
internal sealed class UnsupportedNodeException(string reason) : Exception(reason);
