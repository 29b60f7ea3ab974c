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

/// <summary>What <see cref="SoftmaxKernel"/> computes of each row.</summary>
internal delegate void SoftmaxRow(ReadOnlySpan<sbyte> input, Span<sbyte> output, int multiplier, int leftShift, int diffMin);

/// <summary>Softmax or its logarithm, by rows; the same code on every path.</summary>
internal sealed unsafe class SoftmaxKernel(
    ModelOperator op, SoftmaxRow row, int multiplier, int leftShift, int diffMin, KernelContext context) : Kernel
{
    private readonly sbyte* _x = context.Activation(op.Input);
    private readonly sbyte* _y = context.Activation(op.Output);
    private readonly int _length = context.Info(op.Output).Length, _row = context.Info(op.Output).Shape[^1];

    public override void Run(byte* scratch)
    {
        for (int i = 0; i < _length; i += _row)
        {
            row(new ReadOnlySpan<sbyte>(_x + i, _row), new Span<sbyte>(_y + i, _row), multiplier, leftShift, diffMin);
        }
    }
}
