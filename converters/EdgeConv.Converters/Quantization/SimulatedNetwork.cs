using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Quantization;

/// <summary>
/// The float network with some layers as the quantized one has them: weights that its integers stand for, outputs rounded to what
/// they can take. One instance a thread.
/// </summary>
internal sealed class SimulatedNetwork
{
    private readonly FloatExecutor _executor;
    private readonly string _input, _output;
    private readonly Dictionary<string, QuantizedValue> _rounded;

    /// <summary>Replaces the weights.</summary>
    /// <param name="graph">The float network; layers are matched by name, outputs by the value's name.</param>
    /// <param name="quantized">What the quantizer made of it.</param>
    /// <param name="layers">The layers to quantize; null for all of them and the input.</param>
    public SimulatedNetwork(Graph graph, QuantizedGraph quantized, IReadOnlyCollection<string>? layers = null)
    {
        Dictionary<string, QuantizedNode> nodes = quantized.Nodes
            .Where(n => n.Operation is not QuantizedRequantize && (layers is null || layers.Contains(n.Name)))
            .ToDictionary(n => n.Name);
        _rounded = nodes.Values.ToDictionary(n => n.Output.Name, n => n.Output);
        if (layers is null)
        {
            _rounded[quantized.Input.Name] = quantized.Input;
        }

        (_input, _output) = (graph.Input.Name, graph.Output);
        _executor = new FloatExecutor(graph with
        {
            Nodes = [.. graph.Nodes.Select(n => nodes.TryGetValue(n.Name, out QuantizedNode? q) ? Rounded(n, q) : n)],
        });
    }

    /// <summary>Computes the output.</summary>
    /// <param name="input">NHWC.</param>
    /// <param name="visit">Gets each node and its values before they are rounded.</param>
    public float[] Run(float[] input, Action<Node, float[]>? visit = null)
    {
        float[] result = [];
        _executor.Run(_rounded.ContainsKey(_input) ? Round(_input, [.. input]) : input, (node, values) =>
        {
            visit?.Invoke(node, values);

            // What comes after reads the same buffer.
            Round(node.Output.Name, values);
            result = node.Output.Name == _output ? values : result;
        });
        return result;
    }

    private float[] Round(string name, float[] values)
    {
        if (_rounded.TryGetValue(name, out QuantizedValue? value))
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = value.Nearest(values[i]);
            }
        }

        return values;
    }

    private static Node Rounded(Node node, QuantizedNode quantized) => (node.Operation, quantized.Operation) switch
    {
        (Conv2D c, QuantizedConv2D q) => node with { Operation = c with { Weights = Real(q.Weights) } },
        (TransposeConv t, QuantizedTransposeConv q) => node with { Operation = t with { Weights = Real(q.Weights) } },
        (FullyConnected f, QuantizedFullyConnected q) => node with { Operation = f with { Weights = Real(q.Weights) } },
        _ => node,
    };

    private static float[] Real(QuantizedWeights weights) => [.. Enumerable.Range(0, weights.Weights.Length).Select(weights.Dequantize)];
}
