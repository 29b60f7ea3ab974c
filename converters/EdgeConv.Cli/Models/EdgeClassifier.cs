using System.Diagnostics;
using EdgeConv.Devices.Deciding;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Models;

/// <summary>A model file on one kernel path.</summary>
internal sealed class EdgeClassifier : IClassifier
{
    private readonly Interpreter _interpreter;
    private readonly Preprocessor? _preprocessor;
    private readonly sbyte[] _input;
    private readonly sbyte[] _output;

    /// <param name="model">Must outlive the classifier.</param>
    /// <param name="path">The kernels.</param>
    /// <param name="threads">That share the work of large layers.</param>
    public EdgeClassifier(Model model, KernelPath path, int threads = 1)
    {
        _interpreter = new Interpreter(model, path, threads);
        _preprocessor = model.Preprocessing is { } record ? new Preprocessor(record) : null;
        _input = new sbyte[model.Input.ByteLength];
        _output = new sbyte[model.Output.ByteLength];
        _interpreter.Invoke(_input, _output);
    }

    public int Classes => _interpreter.Model.Output.Length;

    public IReadOnlyList<string> Labels => _interpreter.Model.Labels;

    public PictureLayout Layout => (_interpreter.Model.Preprocessing ?? throw NoPictures(_interpreter.Model)).Layout;

    /// <summary>What the network saw last.</summary>
    public ReadOnlySpan<sbyte> Input => _input;

    /// <summary>What it answered.</summary>
    public ReadOnlySpan<sbyte> Output => _output;

    public double Classify(in Picture picture, Span<float> confidences)
    {
        (_preprocessor ?? throw NoPictures(_interpreter.Model)).Run(picture, _input);
        return Classify(_input, confidences);
    }

    /// <summary>Runs on bytes that are already quantized.</summary>
    /// <param name="input">The bytes of the input tensor.</param>
    /// <param name="confidences">[Classes], sum 1.</param>
    /// <returns>Seconds.</returns>
    public double Classify(ReadOnlySpan<sbyte> input, Span<float> confidences)
    {
        long start = Stopwatch.GetTimestamp();
        _interpreter.Invoke(input, _output);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Confidences.Read(_interpreter.Model, _output, confidences);
        return seconds;
    }

    public void Dispose() => _interpreter.Dispose();

    private static FailureException NoPictures(Model model) => new(
        $"model '{model.Name}' does not say how pictures become its input. Use `edgeconv run MODEL --raw in.bin` with tensors.");
}
