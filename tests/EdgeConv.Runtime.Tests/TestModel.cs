using System.Runtime.InteropServices;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>Builds models of a few layers from plain arrays, through the real writer and reader.</summary>
internal sealed class TestModel
{
    private readonly List<TensorSpec> _tensors = [];
    private readonly List<ModelOperator> _operators = [];
    private int _arena;

    /// <summary>An activation in a slot of its own.</summary>
    public int Activation(int[] shape, int zeroPoint = 0, float scale = 1)
    {
        var info = new TensorInfo($"t{_tensors.Count}", ElementType.Int8, TensorStorage.Arena, shape, scale, zeroPoint, _arena);
        _arena += (info.ByteLength + 15) / 16 * 16;
        return Add(info, default);
    }

    public int Constant(sbyte[] data, int[] shape, int zeroPoint = 0, float scale = 0) => Add(
        new TensorInfo($"t{_tensors.Count}", ElementType.Int8, TensorStorage.Constant, shape, scale, zeroPoint, 0),
        MemoryMarshal.AsBytes(data.AsSpan()).ToArray());

    /// <summary>An int16 activation.</summary>
    public int WideActivation(int[] shape)
    {
        var info = new TensorInfo($"t{_tensors.Count}", ElementType.Int16, TensorStorage.Arena, shape, 1, 0, _arena);
        _arena += (info.ByteLength + 15) / 16 * 16;
        return Add(info, default);
    }

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

    /// <summary>Runs a model once on a path.</summary>
    public static sbyte[] Run(Model model, sbyte[] input, KernelPath path)
    {
        using var interpreter = new Interpreter(model, path);
        sbyte[] output = new sbyte[model.Output.ByteLength];
        interpreter.Invoke(input, output);
        return output;
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
    public Model Build()
    {
        var model = new TestModel();
        int x = model.Activation(InputShape, InputZeroPoint);
        int[] outputShape = [InputShape[0], Window.OutputH(InputShape[1]), Window.OutputW(InputShape[2]), WeightShape[0]];
        int y = model.Activation(outputShape, OutputZeroPoint);
        var op = new Conv2DOp("conv", x, y, model.Constant(Weights, WeightShape), model.Constant(Bias), model.Constant(Multipliers),
            model.Constant(Shifts), Window, Groups, Min, Max);
        return model.Then(op).Build();
    }
}

/// <summary>The paths that this processor runs, for theories.</summary>
internal static class Paths
{
    public static IEnumerable<KernelPath> Supported => KernelPath.All.Where(p => p.IsSupported);

    public static TheoryData<string> Names => [.. Supported.Select(p => p.Name)];

    /// <summary>The same for a model whose input and output are int16.</summary>
    public static void AllGive(short[] expected, Model model, short[] input, string what)
    {
        sbyte[] bytes = TestModel.Bytes(input);
        foreach (KernelPath path in Supported)
        {
            AssertSame(expected, TestModel.Words(TestModel.Run(model, bytes, path)), $"{what} on {path}");
        }
    }

    /// <summary>Every path gives the expected bytes; a failure names the path and the first element that differs.</summary>
    public static void AllGive(sbyte[] expected, Model model, sbyte[] input, string what)
    {
        foreach (KernelPath path in Supported)
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
