using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels;

/// <summary>A byte through a table; the same code on every path.</summary>
internal sealed unsafe class TableKernel(TableOp op, KernelContext context) : Kernel
{
    private readonly sbyte* _x = context.Activation(op.Input);
    private readonly sbyte* _y = context.Activation(op.Output);
    private readonly int _length = context.Info(op.Output).Length;

    public override void Run(byte* scratch)
    {
        ReadOnlySpan<sbyte> table = context.Model.Int8Data(op.Table);
        for (int i = 0; i < _length; i++)
        {
            _y[i] = table[_x[i] + 128];
        }
    }
}

/// <summary>An int16 through a table of 513 entries; the same code on every path.</summary>
internal sealed unsafe class WideTableKernel(TableOp op, KernelContext context) : Kernel
{
    private readonly short* _x = (short*)context.Activation(op.Input);
    private readonly short* _y = (short*)context.Activation(op.Output);
    private readonly int _length = context.Info(op.Output).Length;

    public override void Run(byte* scratch)
    {
        ReadOnlySpan<short> table = context.Model.Int16Data(op.Table);
        for (int i = 0; i < _length; i++)
        {
            _y[i] = WideArithmetic.Lookup(_x[i], table);
        }
    }
}

/// <summary>Sigmoid or tanh of int16 as QUANTIZATION.md defines it; the same code on every path.</summary>
internal sealed unsafe class WideSigmoidKernel(WideSigmoidOp op, KernelContext context) : Kernel
{
    private readonly short* _x = (short*)context.Activation(op.Input);
    private readonly short* _y = (short*)context.Activation(op.Output);
    private readonly int _length = context.Info(op.Output).Length;

    public override void Run(byte* scratch)
    {
        ReadOnlySpan<int> table = context.Model.Int32Data(op.Table);
        for (int i = 0; i < _length; i++)
        {
            int steps = WideArithmetic.ToTableSteps(_x[i], op.Multiplier, op.RightShift);
            _y[i] = op.IsTanh ? WideArithmetic.Tanh(steps, table) : WideArithmetic.Sigmoid(steps, table);
        }
    }
}

/// <summary>Local response normalization as QUANTIZATION.md defines it; the same code on every path.</summary>
internal sealed unsafe class LrnKernel(LrnOp op, KernelContext context) : Kernel
{
    private readonly sbyte* _x = context.Activation(op.Input);
    private readonly sbyte* _y = context.Activation(op.Output);
    private readonly int _length = context.Info(op.Output).Length, _channels = context.Info(op.Output).Shape[^1];
    private readonly int _inputZero = context.Info(op.Input).ZeroPoint, _outputZero = context.Info(op.Output).ZeroPoint;

    public override void Run(byte* scratch)
    {
        ReadOnlySpan<int> table = context.Model.Int32Data(op.Table);
        for (int pixel = 0; pixel < _length; pixel += _channels)
        {
            for (int c = 0; c < _channels; c++)
            {
                int sum = 0;
                for (int k = Math.Max(0, c - (op.Size - 1) / 2); k <= Math.Min(_channels - 1, c + op.Size / 2); k++)
                {
                    int d = _x[pixel + k] - _inputZero;
                    sum += d * d;
                }

                int entry = sum >> op.TableShift, rest = sum - (entry << op.TableShift);
                long factor = table[entry] + (((table[entry + 1] - (long)table[entry]) * rest) >> op.TableShift);
                long product = (_x[pixel + c] - _inputZero) * factor, half = 1L << (op.OutputShift - 1);
                long rounded = product < 0 ? -((half - product) >> op.OutputShift) : (product + half) >> op.OutputShift;
                _y[pixel + c] = (sbyte)Math.Clamp(rounded + _outputZero, sbyte.MinValue, sbyte.MaxValue);
            }
        }
    }
}

/// <summary>Something of each row of the last dimension; the same code on every path.</summary>
internal abstract unsafe class RowKernel<T>(ModelOperator op, KernelContext context) : Kernel
    where T : unmanaged
{
    private readonly T* _x = (T*)context.Activation(op.Input);
    private readonly T* _y = (T*)context.Activation(op.Output);
    private readonly int _length = context.Info(op.Output).Length, _row = context.Info(op.Output).Shape[^1];

    public override void Run(byte* scratch)
    {
        for (int i = 0; i < _length; i += _row)
        {
            Row(new ReadOnlySpan<T>(_x + i, _row), new Span<T>(_y + i, _row));
        }
    }

    protected abstract void Row(ReadOnlySpan<T> x, Span<T> y);
}

/// <summary>Softmax as QUANTIZATION.md defines it.</summary>
internal sealed class SoftmaxKernel(SoftmaxOp op, KernelContext context) : RowKernel<sbyte>(op, context)
{
    protected override void Row(ReadOnlySpan<sbyte> x, Span<sbyte> y) => SoftmaxArithmetic.Row(x, y, op.Multiplier, op.LeftShift, op.DiffMin);
}

/// <summary>The logarithm of softmax as QUANTIZATION.md defines it.</summary>
internal sealed class LogSoftmaxKernel(LogSoftmaxOp op, KernelContext context) : RowKernel<sbyte>(op, context)
{
    protected override void Row(ReadOnlySpan<sbyte> x, Span<sbyte> y) =>
        SoftmaxArithmetic.LogRow(x, y, op.Multiplier, op.LeftShift, op.DiffMin, op.Inverse);
}

/// <summary>Softmax of int16 as QUANTIZATION.md defines it.</summary>
internal sealed class WideSoftmaxKernel(WideSoftmaxOp op, KernelContext context) : RowKernel<short>(op, context)
{
    private readonly Model _model = context.Model;

    protected override void Row(ReadOnlySpan<short> x, Span<short> y) => WideSoftmaxArithmetic.Row(
        x, y, op.Factor, _model.Int16Data(op.Exponential), _model.Int16Data(op.Reciprocal));
}
