using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Benchmarks;

/// <summary>Layers with int16 activations and int8 weights, on every path; the reference's plain loops are what all paths once ran.</summary>
public class WideLayerBenchmarks
{
    private Model? _model;
    private Interpreter? _net;

    [ParamsSource(nameof(Layers))]
    public WideLayer Layer { get; set; } = null!;

    [ParamsSource(nameof(Paths))]
    public string Path { get; set; } = "";

    public static IEnumerable<WideLayer> Layers =>
    [
        new("conv 28x28 16->16 5x5", [1, 28, 28, 16], [16, 5, 5, 16], 1),
        new("conv 28x28 64->64 3x3", [1, 28, 28, 64], [64, 3, 3, 64], 1),
        new("depthwise 28x28 128 3x3", [1, 28, 28, 128], [128, 3, 3, 1], 128),
        new("dense 1024->256", [1, 1024], [256, 1024], 1),
    ];

    public static IEnumerable<string> Paths => KernelPath.All.Where(p => p.IsSupported).Select(p => p.Name);

    [GlobalSetup]
    public void Setup()
    {
        _model = Layer.Build();
        _net = new Interpreter(_model, KernelPath.Parse(Path));
        byte[] input = new byte[_model.Input.ByteLength];
        new Random(1).NextBytes(input);
        _net.SetInput(MemoryMarshal.Cast<byte, sbyte>(input));
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _net?.Dispose();
        _model?.Dispose();
    }

    [Benchmark]
    public void Run() => _net!.RunOperator(0);
}

/// <summary>A layer with random weights and int64 sums.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Input">NHWC or NI.</param>
/// <param name="Weights">OHWI or OI.</param>
/// <param name="Groups">Of a convolution.</param>
public sealed record WideLayer(string Name, int[] Input, int[] Weights, int Groups)
{
    public override string ToString() => Name;

    public Model Build()
    {
        var random = new Random(1);
        byte[] weights = new byte[Weights.Aggregate(1, (a, b) => a * b)];
        random.NextBytes(weights);
        int outputs = Weights[0];
        bool isDense = Input.Length == 2;
        var window = isDense ? default : new Window(Weights[1], Weights[2], PadTop: Weights[1] / 2, PadLeft: Weights[2] / 2, PadBottom: Weights[1] / 2, PadRight: Weights[2] / 2);
        var x = new TensorInfo("x", ElementType.Int16, TensorStorage.Arena, Input, 1, 0, 0);
        int at = (x.ByteLength + 15) / 16 * 16;
        var y = new TensorInfo("y", ElementType.Int16, TensorStorage.Arena, [.. Input[..^1], outputs], 1, 0, at);
        TensorSpec[] tensors =
        [
            new(x, default),
            new(y, default),
            new(new("w", ElementType.Int8, TensorStorage.Constant, Weights, 0, 0, 0), weights),
            new(new("bias", ElementType.Int64, TensorStorage.Constant, [outputs], 0, 0, 0), new byte[outputs * sizeof(long)]),
            Channels("multipliers", _ => random.Next(1 << 30, int.MaxValue)),
            Channels("shifts", _ => -11),
        ];
        ModelOperator op = isDense
            ? new FullyConnectedOp("dense", 0, 1, 2, 3, 4, 5, short.MinValue, short.MaxValue)
            : new Conv2DOp("conv", 0, 1, 2, 3, 4, 5, window, Groups, short.MinValue, short.MaxValue);
        return Model.Load(ModelWriter.Write(new ModelSpec
        {
            Name = Name,
            Tensors = tensors,
            Operators = [op],
            Input = 0,
            Output = 1,
            ArenaBytes = at + y.ByteLength,
        }));

        TensorSpec Channels(string name, Func<int, int> value)
        {
            int[] values = [.. Enumerable.Range(0, outputs).Select(value)];
            return new(new(name, ElementType.Int32, TensorStorage.Constant, [outputs], 0, 0, 0), MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        }
    }
}
