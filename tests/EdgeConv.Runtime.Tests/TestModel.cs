using System.Runtime.InteropServices;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>Builds models of a few layers from plain arrays, through the real writer and reader.</summary>
/// <param name="aligned">
/// Activations as a converter places them. Else they lie at odd places with guard bytes around them, which <see cref="GuardedRun"/> watches.
/// </param>
internal sealed class TestModel(bool aligned = false)
{
    private const int Guard = 33;
    private readonly List<TensorSpec> _tensors = [];
    private readonly List<ModelOperator> _operators = [];
    private int _arena = aligned ? 0 : Guard;

    /// <summary>An activation in a slot of its own.</summary>
    public int Activation(int[] shape, int zeroPoint = 0, float scale = 1) => Activation(ElementType.Int8, shape, zeroPoint, scale);

    public int Constant(sbyte[] data, int[] shape, int zeroPoint = 0, float scale = 0) => Add(
        new TensorInfo($"t{_tensors.Count}", ElementType.Int8, TensorStorage.Constant, shape, scale, zeroPoint, 0),
        MemoryMarshal.AsBytes(data.AsSpan()).ToArray());

    /// <summary>An int16 activation.</summary>
    public int WideActivation(int[] shape) => Activation(ElementType.Int16, shape, 0, 1);

    /// <summary>An activation in the very bytes of another one.</summary>
    public int InPlace(int tensor, int[] shape, int zeroPoint = 0, float scale = 1) => Add(
        new TensorInfo($"t{_tensors.Count}", ElementType.Int8, TensorStorage.Arena, shape, scale, zeroPoint, _tensors[tensor].Info.Offset), default);

    public int Constant(short[] data, int[]? shape = null) => Add(
        new TensorInfo($"t{_tensors.Count}", ElementType.Int16, TensorStorage.Constant, shape ?? [data.Length], 1, 0, 0),
        MemoryMarshal.AsBytes(data.AsSpan()).ToArray());

    /// <summary>int4 weights.</summary>
    public int PackedConstant(sbyte[] data, int[] shape) => Add(
        new TensorInfo($"t{_tensors.Count}", ElementType.Int4, TensorStorage.Constant, shape, 0, 0, 0), Int4.Pack(data));

    public int Constant(long[] data) => Add(
        new TensorInfo($"t{_tensors.Count}", ElementType.Int64, TensorStorage.Constant, [data.Length], 0, 0, 0),
        MemoryMarshal.AsBytes(data.AsSpan()).ToArray());

    public int Constant(int[] data) => Add(
        new TensorInfo($"t{_tensors.Count}", ElementType.Int32, TensorStorage.Constant, [data.Length], 0, 0, 0),
        MemoryMarshal.AsBytes(data.AsSpan()).ToArray());

    public IReadOnlyList<int> ShapeOf(int tensor) => _tensors[tensor].Info.Shape;

    public TestModel Then(ModelOperator op)
    {
        _operators.Add(op);
        return this;
    }

    public ModelSpec Spec() => new()
    {
        Name = "test",
        Tensors = _tensors,
        Operators = _operators,
        Input = _operators[0].Input,
        Output = _operators[^1].Output,
        ArenaBytes = _arena,
    };

    public Model Build() => Model.Load(ModelWriter.Write(Spec()));

    /// <summary>Runs a model once on a path; every operator is watched.</summary>
    public static sbyte[] Run(Model model, sbyte[] input, KernelPath path)
    {
        using var run = new GuardedRun(model, path, input);
        for (int i = 0; i < model.Operators.Count; i++)
        {
            run.Step(i);
        }

        return run.Activation(model.Operators[^1].Output);
    }

    private int Activation(ElementType type, int[] shape, int zeroPoint, float scale)
    {
        int offset = type == ElementType.Int16 ? (_arena + 1) / 2 * 2 : _arena;
        var info = new TensorInfo($"t{_tensors.Count}", type, TensorStorage.Arena, shape, scale, zeroPoint, offset);
        _arena = offset + (aligned ? (info.ByteLength + 15) / 16 * 16 : info.ByteLength + Guard);
        return Add(info, default);
    }

    /// <summary>The bytes of int16 elements.</summary>
    public static sbyte[] Bytes(short[] words) => MemoryMarshal.Cast<short, sbyte>(words.AsSpan()).ToArray();

    /// <summary>The elements of int16 bytes.</summary>
    public static short[] Words(sbyte[] bytes) => MemoryMarshal.Cast<sbyte, short>(bytes.AsSpan()).ToArray();

    private int Add(TensorInfo info, ReadOnlyMemory<byte> data)
    {
        _tensors.Add(new TensorSpec(info, data));
        return _tensors.Count - 1;
    }
}

/// <summary>What a single convolution needs.</summary>
internal sealed record ConvCase(
    int[] InputShape, int InputZeroPoint, sbyte[] Weights, int[] WeightShape, int[] Bias, int[] Multipliers, int[] Shifts,
    Window Window, int Groups, int OutputZeroPoint, sbyte Min, sbyte Max)
{
    public Pooling Pool { get; init; } = Pooling.None;

    public Model Build()
    {
        var model = new TestModel();
        int x = model.Activation(InputShape, InputZeroPoint);
        int[] outputShape = [InputShape[0], Pool.OutputH(Window.OutputH(InputShape[1])), Pool.OutputW(Window.OutputW(InputShape[2])), WeightShape[0]];
        int y = model.Activation(outputShape, OutputZeroPoint);
        var op = new Conv2DOp("conv", x, y, model.Constant(Weights, WeightShape), model.Constant(Bias), model.Constant(Multipliers),
            model.Constant(Shifts), Window, Groups, Min, Max)
        { Pool = Pool };
        return model.Then(op).Build();
    }
}

/// <summary>The paths that this processor runs, for theories.</summary>
internal static class Paths
{
    public static IEnumerable<KernelPath> Supported => KernelPath.All.Where(p => p.IsSupported);

    public static TheoryData<string> Names => [.. Supported.Select(p => p.Name)];

    /// <summary>They, and what stands in for one that it does not run.</summary>
    private static IEnumerable<KernelPath> Compared => Supported.Concat(PlainVnni.Path);

    /// <summary>The same for a model whose input and output are int16.</summary>
    public static void AllGive(short[] expected, Model model, short[] input, string what)
    {
        sbyte[] bytes = TestModel.Bytes(input);
        foreach (KernelPath path in Compared)
        {
            AssertSame(expected, TestModel.Words(TestModel.Run(model, bytes, path)), $"{what} on {path}");
        }
    }

    /// <summary>Every path gives the expected bytes; a failure names the path and the first element that differs.</summary>
    public static void AllGive(sbyte[] expected, Model model, sbyte[] input, string what)
    {
        foreach (KernelPath path in Compared)
        {
            AssertSame(expected, TestModel.Run(model, input, path), $"{what} on {path}");
        }
    }

    public static void AssertSame<T>(T[] expected, T[] found, string what)
        where T : IEquatable<T>
    {
        Assert.True(expected.Length == found.Length, $"{what}: {found.Length} elements, expected {expected.Length}");
        int at = expected.AsSpan().CommonPrefixLength(found);
        Assert.True(at == expected.Length, at == expected.Length ? "" : $"{what}: element {at} is {found[at]}, expected {expected[at]}");
    }
}
