using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Converters.Graphs;

/// <summary>
/// Runs a graph in float, with sums in double as <see cref="FloatReference"/> takes them. Buffers are reused: one instance a thread.
/// </summary>
public sealed class FloatExecutor
{
    private readonly Graph _graph;
    private readonly Dictionary<string, float[]> _buffers = [];
    private readonly Dictionary<string, int[]> _shapes = [];

    /// <summary>Allocates a buffer for every value.</summary>
    public FloatExecutor(Graph graph)
    {
        _graph = graph;
        foreach (Value value in graph.Values().Values)
        {
            _buffers[value.Name] = new float[value.Length];
            _shapes[value.Name] = [.. value.Shape];
        }
    }

    /// <summary>Computes the output.</summary>
    /// <param name="input">NHWC.</param>
    /// <returns>The output's buffer, NHWC; the next run overwrites it.</returns>
    /// <exception cref="ArgumentException">The input has another length than the graph's.</exception>
    public float[] Run(ReadOnlySpan<float> input)
    {
        Run(input, static (_, _) => { });
        return _buffers[_graph.Output];
    }

    /// <summary>Computes every node and shows each result as soon as it is there.</summary>
    /// <param name="input">NHWC.</param>
    /// <param name="visit">Gets the node and its values, NHWC; the next run overwrites them.</param>
    /// <exception cref="ArgumentException">The input has another length than the graph's.</exception>
    public void Run(ReadOnlySpan<float> input, Action<Node, float[]> visit)
    {
        if (input.Length != _graph.Input.Length)
        {
            throw new ArgumentException(
                $"{input.Length} values; the input '{_graph.Input.Name}' has {_graph.Input.Length}.", nameof(input));
        }

        input.CopyTo(_buffers[_graph.Input.Name]);
        foreach (Node node in _graph.Nodes)
        {
            float[] result = _buffers[node.Output.Name];
            Compute(node, _buffers[node.Inputs[0]], _shapes[node.Inputs[0]], result);
            visit(node, result);
        }
    }

    private void Compute(Node node, float[] x, int[] shape, float[] y)
    {
        switch (node.Operation)
        {
            case Conv2D c:
                FloatKernels.Conv2D(x, shape, c, y);
                Apply(Activations.Of(c.Activation, c.Bounds), y, y);
                break;
            case FullyConnected f:
                FloatKernels.FullyConnected(x, f, y);
                Apply(Activations.Of(f.Activation, f.Bounds), y, y);
                break;
            case BatchNormalization b:
                Normalize(b, x, y);
                break;
            case MaxPool p:
                FloatReference.MaxPool(x, shape, p.Window, y);
                break;
            case AveragePool p:
                FloatReference.AveragePool(x, shape, p.Window, y);
                break;
            case Activate a:
                Apply(a, x, y);
                break;
            case Arithmetic a:
                (float[] other, IReadOnlyList<int> otherShape) = a.Other is { } constant
                    ? (constant.Values, constant.Shape)
                    : (_buffers[node.Inputs[1]], _shapes[node.Inputs[1]]);
                FloatElementwise.Arithmetic(a.Function, x, shape, other, otherShape, y, node.Output.Shape);
                Apply(Activations.Of(a.Activation, a.Bounds), y, y);
                break;
            case PRelu p:
                FloatElementwise.PRelu(x, p.Alpha, y);
                break;
            case TransposeConv t:
                FloatElementwise.TransposeConv(x, shape, t, y, node.Output.Shape);
                Apply(Activations.Of(t.Activation, t.Bounds), y, y);
                break;
            case Concat c:
                FloatElementwise.Concat([.. node.Inputs.Select(i => (_buffers[i], _shapes[i]))], c.Axis, y);
                break;
            case Pad p:
                FloatElementwise.Pad(x, shape, p, y, node.Output.Shape);
                break;
            case Transpose t:
                FloatElementwise.Transpose(x, shape, t.Order, y);
                break;
            case Slice s:
                FloatShapes.Slice(x, shape, s, y, node.Output.Shape);
                break;
            case ResizeImage r:
                FloatShapes.Resize(x, shape, r, y, node.Output.Shape);
                break;
            case Softmax:
                FloatReference.Softmax(x, shape[^1], y);
                break;
            case LogSoftmax:
                FloatElementwise.LogSoftmax(x, shape[^1], y);
                break;
            case Lrn l:
                FloatElementwise.Lrn(x, shape[^1], l, y);
                break;
            case Reshape:
                x.CopyTo(y, 0);
                break;
            default:
                throw new NotSupportedException($"{node.Operation.Kind} '{node.Name}' has no float kernel.");
        }
    }

    private static void Normalize(BatchNormalization b, float[] x, float[] y)
    {
        for (int i = 0; i < x.Length; i++)
        {
            int c = i % b.Scale.Length;
            y[i] = (float)(((double)x[i] - b.Mean[c]) / Math.Sqrt((double)b.Variance[c] + b.Epsilon) * b.Scale[c] + b.Shift[c]);
        }
    }

    private static void Apply(Activate activate, float[] x, float[] y)
    {
        bool nothing = activate.Function == Activation.None && ReferenceEquals(x, y);
        for (int i = 0; i < x.Length && !nothing; i++)
        {
            y[i] = (float)Activations.Compute(activate, x[i]);
        }
    }
}
