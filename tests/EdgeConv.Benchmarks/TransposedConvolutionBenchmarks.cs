using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Benchmarks;

/// <summary>Transposed convolutions as decoders have them, on every path; the plain loops were the only ones for a while.</summary>
public class TransposedConvolutionBenchmarks
{
    private Model? _model;
    private Interpreter? _net;

    [ParamsSource(nameof(Shapes))]
    public TransposedShape Shape { get; set; } = null!;

    [ParamsSource(nameof(Paths))]
    public string Path { get; set; } = "";

    public static IEnumerable<TransposedShape> Shapes => [new(14, 64, 64, 2, 2, 0), new(14, 64, 32, 4, 2, 1), new(28, 16, 3, 3, 2, 1)];

    public static IEnumerable<string> Paths => KernelPath.All.Where(p => p.IsSupported).Select(p => p.Name);

    [GlobalSetup]
    public void Setup()
    {
        _model = Shape.Build();
        _net = new Interpreter(_model, KernelPath.Parse(Path));
        sbyte[] input = new sbyte[_model.Input.Length];
        new Random(1).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(input.AsSpan()));
        _net.SetInput(input);
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

/// <summary>A square transposed convolution with random weights.</summary>
/// <param name="Size">Rows and columns of the input.</param>
/// <param name="Inputs">Channels in.</param>
/// <param name="Outputs">Channels out.</param>
/// <param name="Kernel">Rows and columns of the kernel.</param>
/// <param name="Stride">Output pixels an input pixel.</param>
/// <param name="Pad">Pixels cut off on every side.</param>
public sealed record TransposedShape(int Size, int Inputs, int Outputs, int Kernel, int Stride, int Pad)
{
    public override string ToString() => $"{Size}x{Size} {Inputs}->{Outputs} {Kernel}x{Kernel} up {Stride}";

    public Model Build()
    {
        var random = new Random(1);
        var window = new Window(Kernel, Kernel, Stride, Stride, PadTop: Pad, PadLeft: Pad, PadBottom: Pad, PadRight: Pad);
        byte[] weights = new byte[Outputs * Kernel * Kernel * Inputs];
        random.NextBytes(weights);
        int larger = (Size - 1) * Stride + Kernel - 2 * Pad, at = (Size * Size * Inputs + 15) / 16 * 16;
        return Model.Load(ModelWriter.Write(new ModelSpec
        {
            Name = ToString(),
            Tensors =
            [
                new(new("x", ElementType.Int8, TensorStorage.Arena, [1, Size, Size, Inputs], 1, -3, 0), default),
                new(new("y", ElementType.Int8, TensorStorage.Arena, [1, larger, larger, Outputs], 1, 5, at), default),
                new(new("w", ElementType.Int8, TensorStorage.Constant, [Outputs, Kernel, Kernel, Inputs], 0, 0, 0), weights),
                Channels("bias", _ => random.Next(-1000, 1000)),
                Channels("multipliers", _ => random.Next(1 << 30, int.MaxValue)),
                Channels("shifts", _ => -11),
            ],
            Operators = [new TransposeConvOp("up", 0, 1, 2, 3, 4, 5, window, -128, 127)],
            Input = 0,
            Output = 1,
            ArenaBytes = at + larger * larger * Outputs,
        }));
    }

    private TensorSpec Channels(string name, Func<int, int> value)
    {
        int[] values = [.. Enumerable.Range(0, Outputs).Select(value)];
        return new(new(name, ElementType.Int32, TensorStorage.Constant, [Outputs], 0, 0, 0), MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }
}
