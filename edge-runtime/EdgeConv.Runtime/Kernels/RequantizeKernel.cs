using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels;

/// <summary>Another scale or type, element by element; the same code on every path.</summary>
internal sealed unsafe class RequantizeKernel(RequantizeOp op, KernelContext context) : Kernel
{
    private readonly TensorInfo _input = context.Info(op.Input), _output = context.Info(op.Output);
    private readonly sbyte* _x = context.Activation(op.Input);
    private readonly sbyte* _y = context.Activation(op.Output);
    private readonly int _length = context.Info(op.Input).Length;
    private readonly bool _fromWide = context.IsWide(op.Input), _toWide = context.IsWide(op.Output);

    public override void Run(byte* scratch)
    {
        for (int i = 0; i < _length; i++)
        {
            int x = _fromWide ? ((short*)_x)[i] : _x[i];
            int scaled = Requantizer.Scale(x - _input.ZeroPoint, op.Factor.Multiplier, op.Factor.Shift) + _output.ZeroPoint;
            int value = Math.Clamp(scaled, op.Min, op.Max);
            if (_toWide)
            {
                ((short*)_y)[i] = (short)value;
            }
            else
            {
                _y[i] = (sbyte)value;
            }
        }
    }
}
