using Microsoft.ML.OnnxRuntime;

namespace EdgeConv.Benchmarks;

/// <summary>A network in ONNX Runtime, one thread, its one input and one output bound once: as fast as it can be called from C#.</summary>
/// <typeparam name="T">Of the elements at both ends.</typeparam>
internal sealed class BoundSession<T> : IDisposable
    where T : unmanaged
{
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _options = new();
    private readonly OrtValue _inputValue;
    private readonly OrtValue _outputValue;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file; its unknown dimensions are taken to be 1.</param>
    /// <param name="optimized">Where to write what ONNX Runtime makes of it, or null.</param>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime does not take the file.</exception>
    public BoundSession(string path, string? optimized = null)
    {
        using SessionOptions options = new()
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        if (optimized is not null)
        {
            options.OptimizedModelFilePath = optimized;
        }

        _session = new InferenceSession(path, options);
        (Input, _inputValue) = Bind(_session.InputMetadata);
        (Output, _outputValue) = Bind(_session.OutputMetadata);
        _binding = _session.CreateIoBinding();
        _binding.BindInput(_session.InputNames[0], _inputValue);
        _binding.BindOutput(_session.OutputNames[0], _outputValue);
    }

    /// <summary>Version of ONNX Runtime.</summary>
    public static string Version => OrtEnv.Instance().GetVersionString();

    /// <summary>To be filled before <see cref="Run"/>.</summary>
    public T[] Input { get; }

    /// <summary>Filled by <see cref="Run"/>.</summary>
    public T[] Output { get; }

    /// <summary>One inference.</summary>
    public void Run() => _session.RunWithBinding(_options, _binding);

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _inputValue.Dispose();
        _outputValue.Dispose();
        _options.Dispose();
        _session.Dispose();
    }

    private static (T[] Elements, OrtValue Value) Bind(IReadOnlyDictionary<string, NodeMetadata> ends)
    {
        long[] shape = [.. ends.Values.Single().Dimensions.Select(d => Math.Max(d, 1L))];
        T[] elements = new T[shape.Aggregate(1L, (n, d) => n * d)];
        return (elements, OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, elements.AsMemory(), shape));
    }
}
