using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels;

/// <summary>Two tensors element by element, a dimension of 1 repeated; the same code on every path.</summary>
internal abstract unsafe class BroadcastKernel : Kernel
{
    private readonly sbyte* _a;
    private readonly sbyte* _b;
    private readonly sbyte* _y;
    private readonly Shape4 _shape;
    private readonly int[] _stridesA;
    private readonly int[] _stridesB;

    protected BroadcastKernel(int input, int other, int output, KernelContext context)
    {
        _a = context.Bytes(input);
        _b = context.Bytes(other);
        _y = context.Activation(output);
        _shape = new Shape4(context.Info(output));
        _stridesA = new Shape4(context.Info(input)).BroadcastStrides();
        _stridesB = new Shape4(context.Info(other)).BroadcastStrides();
    }

    public override void Run(byte* scratch)
    {
        sbyte* y = _y;
        for (int n = 0; n < _shape[0]; n++)
        {
            for (int h = 0; h < _shape[1]; h++)
            {
                for (int w = 0; w < _shape[2]; w++)
                {
                    sbyte* a = _a + (nint)n * _stridesA[0] + (nint)h * _stridesA[1] + (nint)w * _stridesA[2];
                    sbyte* b = _b + (nint)n * _stridesB[0] + (nint)h * _stridesB[1] + (nint)w * _stridesB[2];
                    for (int c = 0; c < _shape[3]; c++)
                    {
                        *y++ = Combine(*a, *b);
                        a += _stridesA[3];
                        b += _stridesB[3];
                    }
                }
            }
        }
    }

    protected abstract sbyte Combine(sbyte a, sbyte b);
}

/// <summary>Sum or difference as QUANTIZATION.md defines it.</summary>
internal sealed class AddKernel(AddOp op, KernelContext context) : BroadcastKernel(op.Input, op.Other, op.Output, context)
{
    private readonly int _zeroA = context.Info(op.Input).ZeroPoint, _zeroB = context.Info(op.Other).ZeroPoint, _zeroY = context.Info(op.Output).ZeroPoint;

    protected override sbyte Combine(sbyte a, sbyte b)
    {
        int left = Requantizer.Scale((a - _zeroA) << AddOp.LeftShift, op.InputFactor.Multiplier, op.InputFactor.Shift);
        int right = Requantizer.Scale((b - _zeroB) << AddOp.LeftShift, op.OtherFactor.Multiplier, op.OtherFactor.Shift);
        int sum = op.Subtract ? left - right : left + right;
        return Requantizer.ToInt8(sum, op.OutputFactor.Multiplier, op.OutputFactor.Shift, _zeroY, op.Min, op.Max);
    }
}

/// <summary>Product as QUANTIZATION.md defines it.</summary>
internal sealed class MulKernel(MulOp op, KernelContext context) : BroadcastKernel(op.Input, op.Other, op.Output, context)
{
    private readonly int _zeroA = context.Info(op.Input).ZeroPoint, _zeroB = context.Info(op.Other).ZeroPoint, _zeroY = context.Info(op.Output).ZeroPoint;

    protected override sbyte Combine(sbyte a, sbyte b) =>
        Requantizer.ToInt8((a - _zeroA) * (b - _zeroB), op.Factor.Multiplier, op.Factor.Shift, _zeroY, op.Min, op.Max);
}

/// <summary>Parametric ReLU as QUANTIZATION.md defines it.</summary>
internal sealed unsafe class PReluKernel(PReluOp op, KernelContext context) : Kernel
{
    private readonly sbyte* _x = context.Activation(op.Input);
    private readonly sbyte* _y = context.Activation(op.Output);
    private readonly TensorInfo _input = context.Info(op.Input), _output = context.Info(op.Output);
    private readonly int _length = context.Info(op.Input).Length;

    public override void Run(byte* scratch)
    {
        ReadOnlySpan<sbyte> alpha = context.Model.Int8Data(op.Alpha);
        int alphaZero = context.Info(op.Alpha).ZeroPoint;
        for (int i = 0; i < _length; i++)
        {
            int x = _x[i] - _input.ZeroPoint;
            (int value, QuantizedMultiplier factor) = x >= 0 ? (x, op.Positive) : (x * (alpha[i % alpha.Length] - alphaZero), op.Negative);
            _y[i] = Requantizer.ToInt8(value, factor.Multiplier, factor.Shift, _output.ZeroPoint, sbyte.MinValue, sbyte.MaxValue);
        }
    }
}
