using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Converters.Visualization;

/// <summary>Runs both networks on the same picture. One a thread.</summary>
public sealed class TwinRun : IDisposable
{
    private readonly Twins _twins;
    private readonly FloatExecutor _float;
    private readonly Interpreter _int8;
    private readonly float[][] _real;
    private readonly float[] _answer;
    private readonly float[] _answer8;
    private readonly string _logits;
    private readonly int _logits8;

    /// <summary>Allocates all buffers.</summary>
    public TwinRun(Twins twins)
    {
        _twins = twins;
        _float = new FloatExecutor(twins.Float);
        _int8 = new Interpreter(twins.Int8, KernelPath.Default);
        _real = [.. twins.Int8.Operators.Select(step => new float[twins.Int8.Tensors[step.Output].Length])];
        Node last = twins.Float.Nodes.First(node => node.Output.Name == twins.Float.Output);
        _logits = last.Operation is Softmax or LogSoftmax ? last.Inputs[0] : last.Output.Name;
        int end = twins.Int8.Operators.Count - 1;
        _logits8 = twins.Int8.Operators[end] is SoftmaxOp or LogSoftmaxOp ? Math.Max(end - 1, 0) : end;
        (_answer, _answer8) = (new float[twins.Int8.Output.Length], new float[twins.Int8.Output.Length]);
    }

    /// <summary>What the float network gives each class, before a softmax; the next run overwrites it.</summary>
    public ReadOnlySpan<float> Float => _answer;

    /// <summary>What the int8 network gives each class, before a softmax; the next run overwrites it.</summary>
    public ReadOnlySpan<float> Int8 => _answer8;

    /// <summary>Runs both on a picture and shows each layer's two outputs.</summary>
    /// <param name="hwc">The picture, as the layout has it.</param>
    /// <param name="visit">Index of the node, float values, int8 values as real numbers, NHWC; the next run overwrites them. A node that
    /// the model does not have is left out.</param>
    public void Run(ReadOnlySpan<byte> hwc, Action<int, float[], float[]> visit)
    {
        RunInt8(hwc);
        int index = 0;
        RunFloat(hwc, values =>
        {
            if (_twins.Step(index) is >= 0 and var step)
            {
                visit(index, values, _real[step]);
            }

            index++;
        });
    }

    /// <summary>Runs both for their answers alone.</summary>
    public void Run(ReadOnlySpan<byte> hwc) => Run(hwc, static (_, _, _) => { });

    /// <inheritdoc/>
    public void Dispose() => _int8.Dispose();

    private void RunFloat(ReadOnlySpan<byte> hwc, Action<float[]> visit) =>
        _float.Run(PictureTensor.ToFloat(_twins.Float.Picture!, hwc), (node, values) =>
        {
            visit(values);
            if (node.Output.Name == _logits)
            {
                values.CopyTo(_answer, 0);
            }
        });

    private void RunInt8(ReadOnlySpan<byte> hwc)
    {
        Model model = _twins.Int8;
        _int8.SetInput(_twins.Quantize(hwc));
        for (int step = 0; step < model.Operators.Count; step++)
        {
            _int8.RunOperator(step);
            int output = model.Operators[step].Output;
            model.Tensors[output].Dequantize(_int8.Activation(output), _real[step]);
        }

        _real[_logits8].CopyTo(_answer8, 0);
    }
}
