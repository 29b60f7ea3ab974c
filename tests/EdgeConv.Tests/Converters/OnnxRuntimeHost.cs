using Microsoft.ML.OnnxRuntime;

namespace EdgeConv.Tests.Converters;

/// <summary>Runs ONNX files in ONNX Runtime, one thread, as others would.</summary>
internal sealed class OnnxRuntimeHost : IDisposable
{
    private readonly InferenceSession _session;

    public OnnxRuntimeHost(byte[] model)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(model, options);
    }

    /// <summary>The first output for a float input of the given ONNX shape.</summary>
    public float[] Run(float[] input, params long[] shape)
    {
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(input, shape);
        using var run = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results =
            _session.Run(run, _session.InputNames, [value], _session.OutputNames.Take(1).ToArray());
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public void Dispose() => _session.Dispose();
}
