using BenchmarkDotNet.Attributes;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Benchmarks;

/// <summary>One convolution of a few well-known shapes, on every path of this processor: int8 in, int8 out, everything included.</summary>
public class ConvolutionBenchmarks
{
    private Model? _model;
    private Interpreter? _net;
    private readonly sbyte[] _input = new sbyte[56 * 56 * 128];

    /// <summary>Height and width, channels in and out, kernel, padding.</summary>
    [ParamsSource(nameof(Shapes))]
    public ConvolutionShape Shape { get; set; } = null!;

    [ParamsSource(nameof(Paths))]
    public string Path { get; set; } = "";

    public static IEnumerable<ConvolutionShape> Shapes =>
    [
        new(28, 1, 6, 5, 2),
        new(28, 16, 16, 5, 2),
        new(28, 64, 64, 3, 1),
        new(28, 256, 256, 1, 0),
        new(56, 128, 128, 3, 1),
    ];

    public static IEnumerable<string> Paths => KernelPath.All.Where(p => p.IsSupported && p != KernelPath.Reference).Select(p => p.Name);

    [GlobalSetup]
    public void Setup()
    {
        new Random(1).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(_input.AsSpan()));
        _model = Shape.Build();
        _net = new Interpreter(_model, KernelPath.Parse(Path));
        _net.SetInput(_input.AsSpan(0, _model.Input.Length));
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _net?.Dispose();
        _model?.Dispose();
    }

    [Benchmark]
    public void Convolve() => _net!.RunOperator(0);
}
