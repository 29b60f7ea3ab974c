using EdgeConv.Runtime;

namespace EdgeConv.Tests.CodeGen;

/// <summary>Layers with weights, and poolings.</summary>
internal sealed partial class RandomNetwork
{
    private Func<bool>[] Windows =>
    [
        Convolution, Convolution, Depthwise, Pointwise, PooledConvolution, TransposedConvolution, FullyConnected, FullyConnected,
        () => Pool((x, y, w, min, max) => new MaxPoolOp("max", x, y, w, min, max)),
        () => Pool((x, y, w, min, max) => new AveragePoolOp("mean", x, y, w, min, max)),
    ];

    private bool Convolution()
    {
        AsImage();
        int channels = _at.Shape[3], groups = Next(3) == 0 ? Divisors(channels).OrderBy(_ => Next(1000)).First() : 1;
        return Convolution(Window(Next(1, 6), Next(1, 6), hasPadding: Next(3) > 0, canDilate: true), groups, groups * Next(1, groups > 1 ? 4 : 14), Pooling.None);
    }

    private bool Depthwise()
    {
        AsImage();
        return Convolution(Window(3, 3, hasPadding: Next(3) > 0, canDilate: Next(3) == 0), _at.Shape[3], _at.Shape[3] * (Next(4) == 0 ? 2 : 1), Pooling.None);
    }

    private bool Pointwise()
    {
        AsImage();
        return Convolution(new Window(1, 1), 1, Next(1, 20), Pooling.None);
    }

    private bool PooledConvolution()
    {
        As(isWide: false);
        AsImage();
        Window window = Window(Next(1, 4), Next(1, 4), hasPadding: Next(2) > 0, canDilate: Next(3) == 0);
        Pooling pool = Next(2) == 0 ? new(2, 2, 2, 2) : new(Next(1, 4), Next(1, 4), Next(1, 3), Next(1, 3));
        int groups = Next(3) == 0 ? _at.Shape[3] : 1;
        return Convolution(window, groups, groups * Next(1, groups > 1 ? 3 : 10), pool);
    }

    private bool Convolution(Window window, int groups, int filters, Pooling pool)
    {
        (int height, int width, int channels) = _at.Image;
        (int rows, int columns) = (window.OutputH(height), window.OutputW(width));
        int[] shape = [1, pool.OutputH(rows), pool.OutputW(columns), filters];
        int taps = window.KernelH * window.KernelW * channels / groups;
        if (rows < 1 || columns < 1 || shape[1] < 1 || shape[2] < 1 || filters > 80 || rows * columns * filters * taps > MaxProducts)
        {
            return false;
        }

        Node output = Make(shape, _at.IsWide);
        Weights w = Layer(filters, taps, [filters, window.KernelH, window.KernelW, channels / groups]);
        return Then(new Conv2DOp("conv", _at.Tensor, output.Tensor, w.Tensor, w.Bias, w.Multipliers, w.Shifts, window, groups, w.Min, w.Max) { Pool = pool }, output);
    }

    private bool TransposedConvolution()
    {
        AsImage();
        (int height, int width, int channels) = _at.Image;
        Window window = Window(Next(1, 4), Next(1, 4), hasPadding: Next(2) == 0, canDilate: Next(3) == 0);
        int rows = Size(height, window.SpanH, window.StrideH, window.PadTop + window.PadBottom);
        int columns = Size(width, window.SpanW, window.StrideW, window.PadLeft + window.PadRight);
        int filters = Next(1, 8), taps = window.KernelH * window.KernelW * channels;
        if (rows < 1 || columns < 1 || rows * columns * filters * taps > MaxProducts)
        {
            return false;
        }

        Node output = Make([1, rows, columns, filters], _at.IsWide);
        Weights w = Layer(filters, taps, [filters, window.KernelH, window.KernelW, channels]);
        return Then(new TransposeConvOp("up", _at.Tensor, output.Tensor, w.Tensor, w.Bias, w.Multipliers, w.Shifts, window, w.Min, w.Max), output);

        int Size(int input, int span, int stride, int pad) => (input - 1) * stride + span - pad + Next(stride);
    }

    private bool FullyConnected()
    {
        int[] widths = [.. Divisors(_at.Length).Where(d => _at.Length / d <= 4 && d <= 1200)];
        if (widths.Length == 0)
        {
            return false;
        }

        int inputs = widths[Next(widths.Length)], outputs = Next(1, 24);
        Node output = Make([_at.Length / inputs, outputs], _at.IsWide);
        Weights w = Layer(outputs, inputs, [outputs, inputs], zeroPoint: Next(4) == 0 ? _values.ZeroPoint() : 0);
        return Then(new FullyConnectedOp("fc", _at.Tensor, output.Tensor, w.Tensor, w.Bias, w.Multipliers, w.Shifts, w.Min, w.Max), output);
    }

    private bool Pool(Func<int, int, Window, int, int, ModelOperator> create)
    {
        AsImage();
        (int height, int width, int channels) = _at.Image;
        Window window = Next(4) == 0 ? new Window(height, width) : Window(Next(1, 4), Next(1, 4), hasPadding: Next(2) == 0, canDilate: false);
        (int rows, int columns) = (window.OutputH(height), window.OutputW(width));
        if (rows < 1 || columns < 1 || window.PadTop >= window.KernelH || window.PadLeft >= window.KernelW
            || (rows - 1) * window.StrideH - window.PadTop >= height || (columns - 1) * window.StrideW - window.PadLeft >= width)
        {
            return false;   // a window would lie wholly in the padding
        }

        Node output = Make([1, rows, columns, channels], _at.IsWide, _at.ZeroPoint);
        (int min, int max) = Range(_at.IsWide);
        return Then(create(_at.Tensor, output.Tensor, window, min, max), output);
    }

    private Window Window(int height, int width, bool hasPadding, bool canDilate)
    {
        int Pad() => hasPadding ? Next(3) : 0;
        int Dilation() => canDilate && Next(3) == 0 ? Next(1, 4) : 1;
        int Stride() => Next(3) == 0 ? Next(1, 4) : 1;
        return new(height, width, Stride(), Stride(), Dilation(), Dilation(), Pad(), Pad(), Pad(), Pad());
    }

    /// <summary>
    /// Weights and what goes with them. Of int8 activations int8 or int4; of int16 ones with a bias of int32 or int64, some of them larger
    /// than int32.
    /// </summary>
    private Weights Layer(int filters, int taps, int[] shape, int zeroPoint = 0)
    {
        bool isInt4 = zeroPoint == 0 && Next(3) == 0;
        int weights = isInt4
            ? _model.PackedConstant(_values.Int4Weights(filters * taps), shape)
            : _model.Constant(_values.Weights(filters * taps), shape, zeroPoint);
        (int min, int max) = Range(_at.IsWide);
        bool isInt64 = _at.IsWide && (taps > 200 || Next(2) == 0);
        int bias = !isInt64 ? _model.Constant(_values.Bias(filters))
            : _model.Constant([.. _values.WideBias(filters).Select(b => Next(8) == 0 ? b << 14 : b)]);
        int multipliers = Next(3) == 0 ? _model.Constant([.. Enumerable.Repeat(_values.Multiplier(), filters)]) : _model.Constant(_values.Multipliers(filters));
        int[] shifts = _values.Shifts(filters, taps, isInt4 ? -4 : 0);
        return new(weights, bias, multipliers, _model.Constant(Next(3) == 0 ? [.. shifts.Select(_ => shifts[0])] : shifts), min, max);
    }

    private static IEnumerable<int> Divisors(int number) => Enumerable.Range(1, number).Where(d => number % d == 0);

    private sealed record Weights(int Tensor, int Bias, int Multipliers, int Shifts, int Min, int Max);
}
