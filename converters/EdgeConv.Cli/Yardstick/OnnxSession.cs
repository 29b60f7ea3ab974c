using EdgeConv.Converters.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace EdgeConv.Cli.Yardstick;

/// <summary>An ONNX model in ONNX Runtime with bound float tensors, batch 1: as fast as it can be called from C#.</summary>
internal sealed class OnnxSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _options = new();
    private readonly OrtValue _inputValue;
    private readonly OrtValue _outputValue;

    /// <summary>Opens a session.</summary>
    /// <param name="path">The file.</param>
    /// <param name="threads">At least 1.</param>
    /// <exception cref="FailureException">
    /// A file with its weights is missing, ONNX Runtime does not take it, or it has not one float input and one float output.
    /// </exception>
    public OnnxSession(string path, int threads = 1)
    {
        // It would say so at length, and not which files belong together.
        if (OnnxWeights.Problem(path) is { } problem)
        {
            throw new FailureException(problem);
        }

        using SessionOptions options = new()
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        try
        {
            _session = new InferenceSession(path, options);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new FailureException($"'{path}' is not a network that ONNX Runtime runs; expected an .onnx file. It says: {exception.Message}", exception);
        }

        (string inputName, NodeMetadata input) = Single(_session.InputMetadata, "input", path);
        (string outputName, NodeMetadata output) = Single(_session.OutputMetadata, "output", path);
        InputShape = [.. input.Dimensions.Select(d => Math.Max(d, 1))];
        long[] inputShape = [.. InputShape.Select(d => (long)d)];
        long[] outputShape = [.. output.Dimensions.Select(d => Math.Max(d, 1L))];
        Input = new float[inputShape.Aggregate(1L, (n, d) => n * d)];
        Output = new float[outputShape.Aggregate(1L, (n, d) => n * d)];
        _inputValue = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, Input.AsMemory(), inputShape);
        _outputValue = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, Output.AsMemory(), outputShape);
        _binding = _session.CreateIoBinding();
        _binding.BindInput(inputName, _inputValue);
        _binding.BindOutput(outputName, _outputValue);
    }

    /// <summary>Version of ONNX Runtime.</summary>
    public static string Version => OrtEnv.Instance().GetVersionString();

    /// <summary>NCHW; unknown dimensions are 1.</summary>
    public IReadOnlyList<int> InputShape { get; }

    /// <summary>NCHW, to be filled before <see cref="Run"/>.</summary>
    public float[] Input { get; }

    /// <summary>Filled by <see cref="Run"/>.</summary>
    public float[] Output { get; }

    /// <summary>Facts in the file.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    /// <summary>One inference.</summary>
    public void Run() => _session.RunWithBinding(_options, _binding);

    /// <summary>Copies an NHWC picture of floats into <see cref="Input"/>.</summary>
    public void SetInput(ReadOnlySpan<float> nhwc)
    {
        int channels = InputShape.Count == 4 ? InputShape[1] : 1;
        int pixels = nhwc.Length / channels;
        for (int pixel = 0; pixel < pixels; pixel++)
        {
            for (int c = 0; c < channels; c++)
            {
                Input[c * pixels + pixel] = nhwc[pixel * channels + c];
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _inputValue.Dispose();
        _outputValue.Dispose();
        _options.Dispose();
        _session.Dispose();
    }

    private static (string Name, NodeMetadata Node) Single(IReadOnlyDictionary<string, NodeMetadata> nodes, string what, string path)
    {
        (string name, NodeMetadata node) = nodes.Count == 1
            ? nodes.First()
            : throw new FailureException(
                $"'{path}' has {nodes.Count} {what}s ({string.Join(", ", nodes.Keys)}); a network with one was expected.");
        return node.ElementType == typeof(float)
            ? (name, node)
            : throw new FailureException($"{what} '{name}' of '{path}' is {node.ElementType.Name}; float was expected.");
    }
}
