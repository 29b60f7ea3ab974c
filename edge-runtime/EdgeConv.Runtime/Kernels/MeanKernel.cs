using System.Numerics;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels;

/// <summary>Mean over some dimensions as QUANTIZATION.md defines it; the same code on every path.</summary>
internal sealed unsafe class MeanKernel<T> : Kernel
    where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    private readonly MeanOp _op;
    private readonly T* _x;
    private readonly T* _y;
    private readonly int _inputZeroPoint;
    private readonly int _outputZeroPoint;
    private readonly int _count;
    private readonly int[] _shape;
    private readonly int[] _steps;
    private readonly int _outputs;

    public MeanKernel(MeanOp op, KernelContext context)
    {
        (TensorInfo input, TensorInfo output) = (context.Info(op.Input), context.Info(op.Output));
        _op = op;
        _x = (T*)context.Activation(op.Input);
        _y = (T*)context.Activation(op.Output);
        (_inputZeroPoint, _outputZeroPoint, _outputs) = (input.ZeroPoint, output.ZeroPoint, output.Length);
        _count = MeanOp.Count(input, op.Axes);
        _shape = [.. Enumerable.Range(0, 4).Select(i => Shape4.Of(input, i))];
        _steps = new int[4];
        int step = 1;
        for (int i = 3; i >= 0; i--)
        {
            bool isKept = (op.Axes >> i & 1) == 0;
            _steps[i] = isKept ? step : 0;   // from an input element to the next along a dimension, elements of the output
            step *= isKept ? _shape[i] : 1;
        }
    }

    /// <summary>An int32 sum an output element.</summary>
    public override long ScratchBytes => (long)_outputs * sizeof(int);

    public override void Run(byte* scratch)
    {
        int* sums = (int*)scratch;
        new Span<int>(sums, _outputs).Clear();
        T* x = _x;
        for (int n = 0; n < _shape[0]; n++)
        {
            for (int h = 0; h < _shape[1]; h++)
            {
                for (int w = 0; w < _shape[2]; w++)
                {
                    int* sum = sums + n * _steps[0] + h * _steps[1] + w * _steps[2];
                    for (int c = 0; c < _shape[3]; c++, sum += _steps[3])
                    {
                        *sum += int.CreateTruncating(*x++);
                    }
                }
            }
        }

        (int min, int max) = (int.CreateTruncating(T.MinValue), int.CreateTruncating(T.MaxValue));
        for (int i = 0; i < _outputs; i++)
        {
            int scaled = Requantizer.Scale(sums[i] - _count * _inputZeroPoint, _op.Factor.Multiplier, _op.Factor.Shift);
            _y[i] = T.CreateTruncating(Math.Clamp(scaled + _outputZeroPoint, min, max));
        }
    }
}
