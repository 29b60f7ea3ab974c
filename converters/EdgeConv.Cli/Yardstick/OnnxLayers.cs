using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Runtime;
using Microsoft.ML.OnnxRuntime;

namespace EdgeConv.Cli.Yardstick;

/// <summary>The layers of a float network as ONNX Runtime computes them from the user's own file.</summary>
internal sealed class OnnxLayers : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly Node[] _nodes;
    private readonly ValueOrder[] _orders;
    private readonly string _input;
    private readonly long[] _inputShape;
    private readonly ValueOrder _inputOrder;

    /// <summary>Opens the file with every value as an output that the imported graph still has.</summary>
    /// <param name="path">The .onnx.</param>
    /// <param name="graph">The same, imported and fused.</param>
    /// <exception cref="OnnxImportException">The file cannot be read.</exception>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime does not take the file.</exception>
    public OnnxLayers(string path, Graph graph)
    {
        OnnxProbe probe = OnnxProbe.Open(path);
        IReadOnlyDictionary<string, ValueOrder> orders = ValueOrder.Of(graph);
        _nodes = [.. graph.Nodes.Where(node => probe.Values.Contains(node.Output.Name))];
        _orders = [.. _nodes.Select(node => orders[node.Output.Name])];
        using SessionOptions options = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", probe.Folder);
        _session = new InferenceSession(probe.WithOutputs(_nodes.Select(node => node.Output.Name)), options);
        (_input, NodeMetadata input) = _session.InputMetadata.Single();
        _inputShape = [.. input.Dimensions.Select(d => Math.Max(d, 1L))];
        _inputOrder = orders[graph.Input.Name];
    }

    /// <summary>Runs one input and shows the layers in the order of the file, each NHWC.</summary>
    public void Run(float[] nhwc, Action<Node, float[]> visit)
    {
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(_inputOrder.ToOnnx(nhwc), _inputShape);
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(
            _options, [_input], [input], [.. _nodes.Select(node => node.Output.Name)]);
        for (int i = 0; i < _nodes.Length; i++)
        {
            visit(_nodes[i], _orders[i].FromOnnx(outputs[i].GetTensorDataAsSpan<float>()));
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
    }
}

/// <summary>How the elements of one of our values stand in ONNX: a picture is CHW there, and so is a row that was flattened from one.</summary>
/// <param name="Pixels">Height * width of the picture; 1 where both orders agree.</param>
/// <param name="Channels">Its channels.</param>
internal readonly record struct ValueOrder(int Pixels, int Channels)
{
    private static readonly ValueOrder _same = new(1, 1);

    /// <summary>The order of every value of an imported graph.</summary>
    public static IReadOnlyDictionary<string, ValueOrder> Of(Graph graph)
    {
        Dictionary<string, ValueOrder> orders = new() { [graph.Input.Name] = Picture(graph.Input.Shape) };
        foreach (Node node in graph.Nodes)
        {
            IReadOnlyList<int> shape = node.Output.Shape;
            orders[node.Output.Name] = node.Operation switch
            {
                Transpose t => t.Order.SequenceEqual([0, 2, 3, 1]) ? Picture(shape) : _same,
                FullyConnected => _same,
                Reshape => shape.Count == 4 && orders[node.Inputs[0]] != _same ? Picture(shape) : orders[node.Inputs[0]],
                _ when orders[node.Inputs[0]] == _same => shape.Count == 4 && node.Operation is Conv2D ? Picture(shape) : _same,
                _ => shape.Count == 4 ? Picture(shape) : orders[node.Inputs[0]],
            };
        }

        return orders;
    }

    /// <summary>From HWC.</summary>
    public float[] ToOnnx(ReadOnlySpan<float> values)
    {
        var result = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            result[(i % Channels * Pixels) + (i / Channels)] = values[i];
        }

        return Pixels * Channels == values.Length ? result : values.ToArray();
    }

    /// <summary>To HWC.</summary>
    public float[] FromOnnx(ReadOnlySpan<float> values)
    {
        var result = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            result[i] = Pixels * Channels == values.Length ? values[(i % Channels * Pixels) + (i / Channels)] : values[i];
        }

        return result;
    }

    private static ValueOrder Picture(IReadOnlyList<int> shape) => shape.Count == 4 ? new(shape[1] * shape[2], shape[3]) : _same;
}
