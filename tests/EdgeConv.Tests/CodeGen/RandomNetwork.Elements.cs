using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Tests.CodeGen;

/// <summary>Layers that look at single elements or rows of them, and those that move elements.</summary>
internal sealed partial class RandomNetwork
{
    private Func<bool>[] Elements => [Table, Requantize, Sigmoid, Softmax, LogSoftmax, WideSoftmax, PRelu, Lrn, Sum, Sum, Product];

    private Func<bool>[] NanoKinds =>
        [.. Windows.Where(kind => kind != TransposedConvolution), Table, () => Then(Requantize(_at, isWide: false, out Node output), output), Softmax, Sum, Sum, Product, Reshape, Concat, Pad, Transpose, Slice, Mean];

    private Func<bool>[] Shapes => [Reshape, Concat, Pad, Transpose, Slice, Resize, Mean];

    private bool Table()
    {
        bool inPlace = !_at.IsWide && Next(3) == 0 && _nodes.Count > 0;
        Node output = inPlace ? _at with { Tensor = _model.InPlace(_at.Tensor, _at.Shape, _at.ZeroPoint) } : Make(_at.Shape, _at.IsWide);
        int table = _at.IsWide
            ? _model.Constant([.. Enumerable.Range(0, TableOp.WideLength).Select(_ => (short)Next(short.MinValue, short.MaxValue + 1))])
            : _model.Constant([.. Enumerable.Range(0, TableOp.Length).Select(_ => (sbyte)Next(-128, 128))], [TableOp.Length]);
        bool added = Then(new TableOp("table", _at.Tensor, output.Tensor, table), output);
        if (inPlace)
        {
            _nodes.RemoveAt(_nodes.Count - 1);   // its bytes are gone
        }

        return added;
    }

    private bool Requantize() => Then(Requantize(_at, isWide: Next(2) == 0, out Node output), output);

    private bool Sigmoid()
    {
        As(isWide: true);
        Node output = Make(_at.Shape, isWide: true);
        return Then(new WideSigmoidOp("sigmoid", _at.Tensor, output.Tensor, _model.Constant(WideTables.Sigmoid()), Next(3) == 0 ? 3 : Next(16384, 32768),
            Next(3) == 0 ? 0 : 12 + Next(4), IsTanh: Next(2) == 0), output);
    }

    private bool Softmax() => Rows(-128, (x, y, f, least) => new SoftmaxOp("softmax", x, y, f.Multiplier, f.Shift, least));

    private bool LogSoftmax() => Rows(127, (x, y, f, least) => new LogSoftmaxOp(
        "log", x, y, f.Multiplier, f.Shift, least, QuantizedMultiplier.From(Math.Pow(2, 31 - f.Shift) / f.Multiplier)));

    private bool Rows(int zeroPoint, Func<int, int, QuantizedMultiplier, int, ModelOperator> create)
    {
        As(isWide: false);
        Node output = Make(_at.Shape, isWide: false, zeroPoint);
        QuantizedMultiplier factor = QuantizedMultiplier.From((0.01 + Next(100) / 100.0) * (1 << 26));
        return Then(create(_at.Tensor, output.Tensor, factor, -(int)Math.Floor(31.0 * (1 << 26) / Math.Pow(2, factor.Shift))), output);
    }

    private bool WideSoftmax()
    {
        As(isWide: true);
        Node output = Make(_at.Shape, isWide: true);
        return Then(new WideSoftmaxOp("softmax", _at.Tensor, output.Tensor, new(Next(1 << 30, int.MaxValue), Next(-1, 4)),
            _model.Constant(WideTables.Exponential()), _model.Constant(WideTables.Reciprocal())), output);
    }

    private bool PRelu()
    {
        Node output = Make(_at.Shape, _at.IsWide);
        int channels = _at.Shape[^1], alpha = _model.Constant(_values.Weights(channels), [channels], _values.ZeroPoint());
        return Then(new PReluOp("prelu", _at.Tensor, output.Tensor, alpha, new(_values.Multiplier(), Next(-2, 2)), new(_values.Multiplier(), -Next(5, 9))), output);
    }

    private bool Lrn()
    {
        As(isWide: false);
        int outputShift = Next(2, 30);
        Node output = Make(_at.Shape, isWide: false);
        int table = _model.Constant([.. Enumerable.Range(0, LrnOp.TableLength).Select(i => (1 << outputShift) / (i + 1) + Next(1 + (1 << outputShift >> 2)))]);
        return Then(new LrnOp("lrn", _at.Tensor, output.Tensor, Next(1, 8), table, 11, outputShift), output);
    }

    private bool Sum() => Pair((x, other, y, min, max) => new AddOp("add", x, other, y, new(Share(), -Next(3)), new(Share(), -Next(3)),
        new(_values.Multiplier(), -Next(_at.IsWide ? 12 : 17, _at.IsWide ? 16 : 21)), Subtract: Next(2) == 0, min, max));

    private bool Product() => Pair((x, other, y, min, max) =>
        new MulOp("mul", x, other, y, new(_values.Multiplier(), -Next(_at.IsWide ? 12 : 4, _at.IsWide ? 17 : 9)), min, max));

    /// <summary>A factor that is at most one half, as int16 needs it.</summary>
    private int Share() => _at.IsWide ? 1 << 30 : _values.Multiplier();

    /// <summary>With an earlier tensor of the same shape, or with a constant: a picture, a row, an element.</summary>
    private bool Pair(Func<int, int, int, int, int, ModelOperator> create)
    {
        Node? earlier = _nodes.FirstOrDefault(n => n.IsWide == _at.IsWide && n.Shape.SequenceEqual(_at.Shape) && n.Tensor != _at.Tensor);
        int other = earlier is not null && Next(4) > 0 ? earlier.Tensor : Constant(Next(3) switch
        {
            0 => _at.Shape,
            1 => [.. _at.Shape.Select((d, i) => i == _at.Shape.Length - 1 ? d : 1)],
            _ => [1],
        });
        Node output = Make(_at.Shape, _at.IsWide);
        (int min, int max) = Range(_at.IsWide);
        return Then(create(_at.Tensor, other, output.Tensor, min, max), output);

        int Constant(int[] shape)
        {
            int length = shape.Aggregate(1, (a, b) => a * b);
            return _at.IsWide
                ? _model.Constant([.. Enumerable.Range(0, length).Select(_ => (short)Next(short.MinValue, short.MaxValue + 1))], shape)
                : _model.Constant(_values.Weights(length), shape, _values.ZeroPoint(), 1);
        }
    }

    private bool Reshape()
    {
        int[] shape = Next(2) == 0 ? [1, _at.Length] : [1, 1, _at.Length, 1];
        Node output = Make(shape, _at.IsWide, _at.ZeroPoint);
        return Then(new ReshapeOp("flat", _at.Tensor, output.Tensor), output);
    }

    /// <summary>With earlier tensors that fit, and with itself.</summary>
    private bool Concat()
    {
        int axis = Next(_at.Shape.Length == 4 ? 1 : 0, _at.Shape.Length);
        int[] parts = [_at.Tensor, .. _nodes.Where(n => n.IsWide == _at.IsWide && n.ZeroPoint == _at.ZeroPoint && n.Shape.SequenceEqual(_at.Shape)).Select(n => n.Tensor).Take(2),
            _at.Tensor];
        int[] shape = [.. _at.Shape];
        shape[axis] *= parts.Length;
        if (shape.Aggregate(1, (a, b) => a * b) > MaxElements)
        {
            return false;
        }

        Node output = Make(shape, _at.IsWide, _at.ZeroPoint);
        return Then(new ConcatOp("join", parts, output.Tensor, axis), output);
    }

    private bool Pad()
    {
        AsImage();
        int[] pads = [.. Enumerable.Range(0, 6).Select(_ => Next(3))];
        int[] shape = [1, _at.Shape[1] + pads[0] + pads[2], _at.Shape[2] + pads[1] + pads[3], _at.Shape[3] + pads[4] + pads[5]];
        if (shape.Aggregate(1, (a, b) => a * b) > MaxElements)
        {
            return false;
        }

        Node output = Make(shape, _at.IsWide, _at.ZeroPoint);
        return Then(new PadOp("pad", _at.Tensor, output.Tensor, pads[0], pads[1], pads[2], pads[3], pads[4], pads[5], _at.IsWide ? Next(-32768, 32768) : Next(-128, 128)), output);
    }

    private bool Transpose()
    {
        AsImage();
        int[] order = [0, .. new[] { 1, 2, 3 }.OrderBy(_ => Next(1000))];
        Node output = Make([.. order.Select(d => _at.Shape[d])], _at.IsWide, _at.ZeroPoint);
        return Then(new TransposeOp("order", _at.Tensor, output.Tensor, order[0], order[1], order[2], order[3]), output);
    }

    private bool Slice()
    {
        SliceDimension[] dimensions = [new(0, 1), new(0, 1), new(0, 1), new(0, 1)];
        int[] shape = [.. _at.Shape];
        for (int i = shape.Length == 4 ? 1 : 0; i < shape.Length; i++)
        {
            int begin = Next(shape[i]), stride = Next(1, 3) * (Next(3) == 0 ? -1 : 1);
            shape[i] = Next(1, (stride > 0 ? shape[i] - 1 - begin : begin) / Math.Abs(stride) + 2);
            dimensions[4 - shape.Length + i] = new(begin, stride);
        }

        Node output = Make(shape, _at.IsWide, _at.ZeroPoint);
        return Then(new SliceOp("part", _at.Tensor, output.Tensor, dimensions[0], dimensions[1], dimensions[2], dimensions[3]), output);
    }

    private bool Resize()
    {
        As(isWide: false);
        AsImage();
        int[] shape = [1, Next(1, 9), Next(1, 9), _at.Shape[3]];
        if (shape.Aggregate(1, (a, b) => a * b) > MaxElements)
        {
            return false;
        }

        Node output = Make(shape, isWide: false, _at.ZeroPoint);
        return Then(new ResizeOp("resize", _at.Tensor, output.Tensor, (ResizeMode)Next((int)ResizeMode.Nearest, (int)ResizeMode.Bilinear + 1),
            (ResizeCoordinates)Next((int)ResizeCoordinates.Asymmetric, (int)ResizeCoordinates.AlignCorners + 1)), output);
    }

    private bool Mean()
    {
        AsImage();
        int axes = Next(1, 8) << 1;
        Node output = Make([.. _at.Shape.Select((d, i) => (axes >> i & 1) == 0 ? d : 1)], _at.IsWide);
        int count = _at.Length / output.Length;
        return Then(new MeanOp("mean", _at.Tensor, output.Tensor, axes, new(_values.Multiplier(), -(int)Math.Log2(count) - Next(2))), output);
    }
}
