using EdgeConv.Devices.Frames;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Deciding;

/// <summary>A model that takes pictures, on one kernel path. Allocates nothing a frame.</summary>
public sealed class FrameClassifier : IDisposable
{
    private readonly Interpreter _interpreter;
    private readonly Preprocessor _preprocessor;
    private readonly bool _endsInSoftmax;
    private readonly sbyte[] _input;
    private readonly sbyte[] _output;
    private readonly float[] _confidences;

    /// <param name="model">Must outlive the classifier.</param>
    /// <param name="path">The kernels.</param>
    /// <param name="threads">Threads that share the work of large layers.</param>
    /// <exception cref="FrameException">The model does not say how a picture becomes its input.</exception>
    public FrameClassifier(Model model, KernelPath path, int threads = 1)
    {
        PreprocessingRecord record = model.Preprocessing
            ?? throw new FrameException($"{model.Name} does not say how a picture becomes its input; give it tensors with --raw.");
        _preprocessor = new Preprocessor(record);
        _interpreter = new Interpreter(model, path, threads);
        _endsInSoftmax = model.Operators[^1] is SoftmaxOp or WideSoftmaxOp;
        _input = new sbyte[model.Input.ByteLength];
        _output = new sbyte[model.Output.ByteLength];
        _confidences = new float[model.Output.Length];
    }

    /// <summary>Of the last frame, one a class; their sum is 1.</summary>
    public ReadOnlySpan<float> Confidences => _confidences;

    /// <summary>Classifies a frame.</summary>
    /// <returns>The likeliest class.</returns>
    public int Run(in Picture picture)
    {
        _preprocessor.Run(picture, _input);
        _interpreter.Invoke(_input, _output);
        TensorInfo output = _interpreter.Model.Output;
        float sum = 0, most = float.NegativeInfinity;
        for (int i = 0; i < _confidences.Length; i++)
        {
            _confidences[i] = output.Dequantize(_output, i);
            most = Math.Max(most, _confidences[i]);
        }

        if (!_endsInSoftmax)
        {
            foreach (ref float value in _confidences.AsSpan())
            {
                value = MathF.Exp(value - most);
                sum += value;
            }

            foreach (ref float value in _confidences.AsSpan())
            {
                value /= sum;
            }
        }

        return output.IndexOfLargest(_output);
    }

    /// <summary>Gives the arena back.</summary>
    public void Dispose() => _interpreter.Dispose();
}
