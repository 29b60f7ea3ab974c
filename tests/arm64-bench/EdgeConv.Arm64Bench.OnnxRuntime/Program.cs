using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

// MODEL.onnx RUNS [OPTIMIZED.onnx]: an int8 input of a fixed shape, bytes from a seed, bound once; prints the version and how the run was bound.
// OPTIMIZED.onnx shows which nodes are left of the file.
if (args.Length is < 2 or > 3 || !int.TryParse(args[1], out int runs) || runs < 1)
{
    Console.Error.WriteLine("usage: bench-onnxruntime MODEL.onnx RUNS [OPTIMIZED.onnx]");
    return 2;
}

try
{
    using SessionOptions options = new()
    {
        IntraOpNumThreads = 1,
        InterOpNumThreads = 1,
        ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
        GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
    };
    if (args.Length == 3)
    {
        options.OptimizedModelFilePath = args[2];
    }

    using InferenceSession session = new(args[0], options);
    sbyte[] inputBytes = Elements(session.InputMetadata), outputBytes = Elements(session.OutputMetadata);
    new Random(1).NextBytes(MemoryMarshal.AsBytes(inputBytes.AsSpan()));
    using OrtValue input = Bind(inputBytes, session.InputMetadata), output = Bind(outputBytes, session.OutputMetadata);
    using OrtIoBinding binding = session.CreateIoBinding();
    binding.BindInput(session.InputNames[0], input);
    binding.BindOutput(session.OutputNames[0], output);
    using RunOptions run = new();
    for (int i = 0; i < runs; i++)
    {
        session.RunWithBinding(run, binding);
    }

    Console.WriteLine($"{OrtEnv.Instance().GetVersionString()} {Sum(outputBytes):x8}");
    return 0;
}
catch (OnnxRuntimeException e)
{
    Console.Error.WriteLine($"bench-onnxruntime: {e.Message}");
    return 1;
}

static long[] Shape(IReadOnlyDictionary<string, NodeMetadata> ends) => [.. ends.Values.Single().Dimensions.Select(d => (long)d)];

static sbyte[] Elements(IReadOnlyDictionary<string, NodeMetadata> ends) => new sbyte[Shape(ends).Aggregate(1L, (n, d) => n * d)];

static OrtValue Bind(sbyte[] bytes, IReadOnlyDictionary<string, NodeMetadata> ends) =>
    OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, bytes.AsMemory(), Shape(ends));

static uint Sum(sbyte[] bytes) => bytes.Aggregate(2166136261u, (hash, b) => (hash ^ (byte)b) * 16777619u);
