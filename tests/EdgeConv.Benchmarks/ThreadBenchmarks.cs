using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using EdgeConv.Runtime;

namespace EdgeConv.Benchmarks;

/// <summary>
/// Networks and layers on the processor's best path, with one thread and with two: what splitting gains, and from where on. On a machine
/// that does other things as well, run it with a priority above theirs, or it measures them.
/// </summary>
public class ThreadBenchmarks
{
    private Model? _model;
    private Interpreter? _net;
    private sbyte[] _input = [];
    private sbyte[] _output = [];

    /// <summary>From the smallest that is worth it to the largest.</summary>
    [Params("ds-cnn", "resnet8", "conv5x5-16-28", "conv3x3-64-28", "conv3x3-128-56", "alexnet", "vgg16")]
    public string Network { get; set; } = "";

    /// <summary>Threads of the interpreter.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    /// <summary>Builds the network once a process and opens it.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _model = Model.Open(BenchFiles.Of(Network).Ecm);
        _net = new Interpreter(_model, threads: Threads);
        (_input, _output) = (new sbyte[_model.Input.Length], new sbyte[_model.Output.Length]);
        new Random(1).NextBytes(MemoryMarshal.AsBytes(_input.AsSpan()));
    }

    /// <summary>Closes it.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _net?.Dispose();
        _model?.Dispose();
    }

    /// <summary>One inference.</summary>
    [Benchmark]
    public void Infer() => _net!.Invoke(_input, _output);
}
