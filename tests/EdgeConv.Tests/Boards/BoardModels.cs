using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;

namespace EdgeConv.Tests.Boards;

/// <summary>Chains of layers of given shapes. All weights are 0: here only sizes count.</summary>
internal sealed class BoardModels
{
    private readonly List<TensorSpec> _tensors = [];
    private readonly List<ModelOperator> _operators = [];
    private int _arena;

    public BoardModels(params int[] inputShape) => Activation(inputShape);

    private int Last => _operators.Count == 0 ? 0 : _operators[^1].Output;

    private IReadOnlyList<int> Shape => _tensors[Last].Info.Shape;

    /// <summary>The fully connected layers of AlexNet, nearly all of its weights: 58,621,952 of them, 37,748,736 in fc6.</summary>
    public static byte[] AlexNetHead() => new BoardModels(1, 9216).Full("fc6", 4096).Full("fc7", 4096).Full("fc8", 1000).Write();

    /// <summary>Fully connected layer.</summary>
    public BoardModels Full(string name, int outputs)
    {
        int input = Last, output = Activation([1, outputs]);
        int weights = Weights([outputs, Shape[^1]]);
        (int bias, int multipliers, int shifts) = Channels(outputs);
        _operators.Add(new FullyConnectedOp(name, input, output, weights, bias, multipliers, shifts, -128, 127));
        return this;
    }

    /// <summary>Convolution without padding, stride 1.</summary>
    public BoardModels Conv(string name, int outputs, int kernel, int groups = 1)
    {
        IReadOnlyList<int> shape = Shape;
        int input = Last, output = Activation([1, shape[1] - kernel + 1, shape[2] - kernel + 1, outputs]);
        int weights = Weights([outputs, kernel, kernel, shape[3] / groups]);
        (int bias, int multipliers, int shifts) = Channels(outputs);
        _operators.Add(new Conv2DOp(
            name, input, output, weights, bias, multipliers, shifts, new Window(kernel, kernel), groups, -128, 127));
        return this;
    }

    /// <summary>Transposed convolution, 2x2, stride 2.</summary>
    public BoardModels Up(string name, int outputs)
    {
        IReadOnlyList<int> shape = Shape;
        int input = Last, output = Activation([1, shape[1] * 2, shape[2] * 2, outputs]);
        int weights = Weights([outputs, 2, 2, shape[3]]);
        (int bias, int multipliers, int shifts) = Channels(outputs);
        _operators.Add(new TransposeConvOp(
            name, input, output, weights, bias, multipliers, shifts, new Window(2, 2, 2, 2), -128, 127));
        return this;
    }

    /// <summary>The file.</summary>
    public byte[] Write() => ModelWriter.Write(new ModelSpec
    {
        Name = "sizes",
        Tensors = _tensors,
        Operators = _operators,
        Input = 0,
        Output = Last,
        ArenaBytes = _arena,
    });

    /// <summary>The model; its caller disposes it.</summary>
    public Model Build() => Model.Load(Write());

    private int Activation(int[] shape)
    {
        TensorInfo info = new($"t{_tensors.Count}", ElementType.Int8, TensorStorage.Arena, shape, 1, 0, _arena);
        _arena += (info.ByteLength + 15) / 16 * 16;
        return Add(info, default);
    }

    private int Weights(int[] shape)
    {
        TensorInfo info = new($"w{_tensors.Count}", ElementType.Int8, TensorStorage.Constant, shape, 0, 0, 0);
        return Add(info, new byte[info.ByteLength]);
    }

    private (int Bias, int Multipliers, int Shifts) Channels(int count) => (Ints(count, 0), Ints(count, 1 << 30), Ints(count, 0));

    private int Ints(int count, int value) => Add(
        new TensorInfo($"c{_tensors.Count}", ElementType.Int32, TensorStorage.Constant, [count], 0, 0, 0),
        Enumerable.Repeat(value, count).SelectMany(BitConverter.GetBytes).ToArray());

    private int Add(TensorInfo info, ReadOnlyMemory<byte> data)
    {
        _tensors.Add(new TensorSpec(info, data));
        return _tensors.Count - 1;
    }
}
