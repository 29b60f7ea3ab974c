using System.Numerics;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels;

/// <summary>Two tensors of int8 or int16 element by element, a dimension of 1 repeated; the same code on every path.</summary>
internal abstract unsafe class BroadcastKernel<T> : Kernel
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly T* _a;
    private readonly T* _b;
    private readonly T* _y;
    private readonly Shape4 _shape;
    private readonly int[] _stridesA;
    private readonly int[] _stridesB;

    protected BroadcastKernel(int input, int other, int output, KernelContext context)
    {
        _a = (T*)context.Bytes(input);
        _b = (T*)context.Bytes(other);
        _y = (T*)context.Activation(output);
        _shape = new Shape4(context.Info(output));
        _stridesA = new Shape4(context.Info(input)).BroadcastStrides();
        _stridesB = new Shape4(context.Info(other)).BroadcastStrides();
    }

    public override void Run(byte* scratch)
    {
        T* y = _y;
        for (int n = 0; n < _shape[0]; n++)
        {
            for (int h = 0; h < _shape[1]; h++)
            {
                for (int w = 0; w < _shape[2]; w++)
                {
                    T* a = _a + (nint)n * _stridesA[0] + (nint)h * _stridesA[1] + (nint)w * _stridesA[2];
                    T* b = _b + (nint)n * _stridesB[0] + (nint)h * _stridesB[1] + (nint)w * _stridesB[2];
                    for (int c = 0; c < _shape[3]; c++)
                    {
                        *y++ = T.CreateTruncating(Combine(int.CreateTruncating(*a), int.CreateTruncating(*b)));
                        a += _stridesA[3];
                        b += _stridesB[3];
                    }
                }
            }
        }
    }

    protected abstract int Combine(int a, int b);
}

/// <summary>Sum or difference as QUANTIZATION.md defines it.</summary>
internal sealed class AddKernel<T>(AddOp op, KernelContext context) : BroadcastKernel<T>(op.Input, op.Other, op.Output, context)
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly AddRule _rule = new(op, context.Info(op.Input).ZeroPoint, context.Info(op.Other).ZeroPoint, context.Info(op.Output).ZeroPoint,
        context.IsWide(op.Output) ? AddOp.WideLeftShift : AddOp.LeftShift);

    protected override int Combine(int a, int b) => _rule.Output(_rule.ScaledA(a), _rule.ScaledB(b));
}

/// <summary>Product as QUANTIZATION.md defines it.</summary>
internal sealed class MulKernel<T>(MulOp op, KernelContext context) : BroadcastKernel<T>(op.Input, op.Other, op.Output, context)
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly int _zeroA = context.Info(op.Input).ZeroPoint, _zeroB = context.Info(op.Other).ZeroPoint, _zeroY = context.Info(op.Output).ZeroPoint;

    protected override int Combine(int a, int b) =>
        Math.Clamp(Requantizer.Scale((a - _zeroA) * (b - _zeroB), op.Factor.Multiplier, op.Factor.Shift) + _zeroY, op.Min, op.Max);
}

/// <summary>Parametric ReLU as QUANTIZATION.md defines it.</summary>
internal sealed unsafe class PReluKernel<T>(PReluOp op, KernelContext context) : Kernel
    where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    private readonly T* _x = (T*)context.Activation(op.Input);
    private readonly T* _y = (T*)context.Activation(op.Output);
    private readonly TensorInfo _input = context.Info(op.Input), _output = context.Info(op.Output);
    private readonly int _length = context.Info(op.Input).Length;

    public override void Run(byte* scratch)
    {
        ReadOnlySpan<sbyte> alpha = context.Model.Int8Data(op.Alpha);
        int alphaZero = context.Info(op.Alpha).ZeroPoint;
        (int min, int max) = (int.CreateTruncating(T.MinValue), int.CreateTruncating(T.MaxValue));
        for (int i = 0; i < _length; i++)
        {
            int x = int.CreateTruncating(_x[i]) - _input.ZeroPoint;
            (int value, QuantizedMultiplier factor) = x >= 0 ? (x, op.Positive) : (x * (alpha[i % alpha.Length] - alphaZero), op.Negative);
            int scaled = Requantizer.Scale(value, factor.Multiplier, factor.Shift) + _output.ZeroPoint;
            _y[i] = T.CreateTruncating(Math.Clamp(scaled, min, max));
        }
    }
}
