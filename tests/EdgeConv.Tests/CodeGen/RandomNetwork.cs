using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Tests;
using EdgeConv.Runtime.Tests.Parity;

namespace EdgeConv.Tests.CodeGen;

/// <summary>
/// A small network from a seed: layers of every kind that the format has, of int8 and int16, on shapes that follow one from the other. Tensors lie
/// at odd places of the arena where they may.
/// </summary>
internal sealed partial class RandomNetwork
{
    private const int MaxElements = 3000, MaxProducts = 60_000;
    private readonly TestModel _model = new();
    private readonly CaseValues _values;
    private readonly List<Node> _nodes = [];
    private Node _at;

    private RandomNetwork(int seed, bool everyKind = false, bool isNano = false)
    {
        _values = new CaseValues(seed, seed);
        int[] shape = Next(6) switch
        {
            0 => [Next(1, 4), Next(1, 40)],
            1 => [1, Next(1, 70)],
            2 => [1, 1, Next(1, 9), Next(1, 40)],
            _ => [1, Next(1, 11), Next(1, 11), Next(5) == 0 ? Next(1, 34) : Next(1, 8)],
        };
        _at = Make(shape, isWide: !isNano && Next(5) < 2);
        Func<bool>[] kinds = isNano ? NanoKinds : [.. Windows, .. Elements, .. Shapes];
        if (everyKind)
        {
            foreach (Func<bool> kind in kinds.OrderBy(_ => Next(1000)).Concat(kinds.OrderBy(_ => Next(1000))))
            {
                kind();
            }

            return;
        }

        Add(kinds[seed % kinds.Length], kinds);
        for (int more = Next(1, 6); more > 0; more--)
        {
            Add(kinds[Next(kinds.Length)], kinds);
        }
    }

    /// <summary>The network of a seed; the same for the same seed.</summary>
    public static Model Build(int seed) => new RandomNetwork(seed)._model.Build();

    /// <summary>The same of the layers that nanoFramework runs, all of int8.</summary>
    public static Model ForNano(int seed, bool everyKind = false) => new RandomNetwork(seed, everyKind, isNano: true)._model.Build();

    /// <summary>A network with a layer of every kind, twice where there is place, as a file's bytes.</summary>
    public static byte[] WithEveryKind(int seed) => ModelWriter.Write(new RandomNetwork(seed, everyKind: true)._model.Spec());

    /// <summary>Some inputs of a network, as bytes: any values, and the ends of the range.</summary>
    public static sbyte[][] Inputs(Model model, int seed)
    {
        Random random = new(seed);
        sbyte[] any = new sbyte[model.Input.ByteLength], ends = new sbyte[model.Input.ByteLength];
        bool isWide = model.Input.Type == ElementType.Int16;
        for (int i = 0; i < any.Length; i++)
        {
            any[i] = (sbyte)random.Next(-128, 128);
            ends[i] = isWide && i % 2 != 0 ? (sbyte)~ends[i - 1] : (sbyte)(random.Next(2) == 0 ? 127 : -128);   // 0x7F80 and 0x807F: near the ends of int16
        }

        return [any, ends];
    }

    /// <summary>The kind that is wanted, or another one where the network has no place for it.</summary>
    private void Add(Func<bool> wanted, Func<bool>[] kinds)
    {
        while (!wanted())
        {
            wanted = kinds[Next(kinds.Length)];
        }
    }

    private int Next(int below) => _values.Next(below);

    private int Next(int from, int below) => _values.Next(from, below);

    private Node Make(int[] shape, bool isWide, int? zeroPoint = null)
    {
        int zero = isWide ? 0 : zeroPoint ?? _values.ZeroPoint();
        return new(isWide ? _model.WideActivation(shape) : _model.Activation(shape, zero), shape, isWide, zero);
    }

    private bool Then(ModelOperator op, Node output)
    {
        _model.Then(op);
        _nodes.Add(_at);
        _at = output;
        return true;
    }

    /// <summary>Makes the tensor at hand one of four dimensions.</summary>
    private void AsImage()
    {
        if (_at.Shape.Length == 4 && _at.Shape[0] == 1)
        {
            return;
        }

        int length = _at.Length, height = Divisor(length), width = Divisor(length / height);
        Node image = Make([1, height, width, length / height / width], _at.IsWide, _at.ZeroPoint);
        Then(new ReshapeOp("image", _at.Tensor, image.Tensor), image);

        int Divisor(int number) => Enumerable.Range(1, 8).Where(d => number % d == 0).OrderBy(_ => Next(1000)).First();
    }

    /// <summary>Makes the tensor at hand one of this type.</summary>
    private void As(bool isWide)
    {
        if (_at.IsWide != isWide)
        {
            Then(Requantize(_at, isWide, out Node output), output);
        }
    }

    private RequantizeOp Requantize(Node from, bool isWide, out Node output)
    {
        output = Make(from.Shape, isWide);
        int shift = (from.IsWide ? -8 : 0) + (isWide ? 8 : 0) + Next(-2, 2);
        (int min, int max) = Range(isWide);
        return new RequantizeOp("scale", from.Tensor, output.Tensor, new(_values.Multiplier(), shift), min, max);
    }

    /// <summary>The whole range, or a part of it.</summary>
    private (int Min, int Max) Range(bool isWide)
    {
        (int least, int most) = isWide ? (short.MinValue, short.MaxValue) : (sbyte.MinValue, sbyte.MaxValue);
        return Next(2) == 0 ? (least, most) : (Next(least, 0), Next(0, most + 1));
    }

    private sealed record Node(int Tensor, int[] Shape, bool IsWide, int ZeroPoint)
    {
        public int Length => Shape.Aggregate(1, (a, b) => a * b);

        public (int Height, int Width, int Channels) Image => (Shape[1], Shape[2], Shape[3]);
    }
}
