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

/// <summary>Softmax by rows; the same code on every path.</summary>
internal sealed unsafe class SoftmaxKernel(SoftmaxOp op, KernelContext context) : Kernel
{
    private readonly sbyte* _x = context.Activation(op.Input);
    private readonly sbyte* _y = context.Activation(op.Output);
    private readonly int _length = context.Info(op.Output).Length, _row = context.Info(op.Output).Shape[^1];

    public override void Run(byte* scratch)
    {
        for (int i = 0; i < _length; i += _row)
        {
            var input = new ReadOnlySpan<sbyte>(_x + i, _row);
            SoftmaxArithmetic.Row(input, new Span<sbyte>(_y + i, _row), op.Multiplier, op.LeftShift, op.DiffMin);
        }
    }
}
