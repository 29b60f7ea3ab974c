using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Reference;

/// <summary>Fully connected layer as QUANTIZATION.md defines it.</summary>
internal sealed unsafe class ReferenceFullyConnected(FullyConnectedOp op, KernelContext context) : Kernel
{
    private readonly TensorInfo _input = context.Info(op.Input), _output = context.Info(op.Output), _matrix = context.Info(op.Weights);
    private readonly sbyte* _x = context.Activation(op.Input);
    private readonly sbyte* _y = context.Activation(op.Output);
    private readonly WeightBytes _weights = new(op.Weights, context);

    public override void Run(byte* scratch)
    {
        Model model = context.Model;
        ReadOnlySpan<sbyte> weights = _weights.Span;
        ReadOnlySpan<int> bias = model.Int32Data(op.Bias), multipliers = model.Int32Data(op.Multipliers), shifts = model.Int32Data(op.Shifts);
        (int outputs, int inputs) = (_matrix.Shape[0], _matrix.Shape[1]);
        for (int n = 0; n < _input.Length / inputs; n++)
        {
            for (int o = 0; o < outputs; o++)
            {
                int accumulator = bias[o];
                for (int i = 0; i < inputs; i++)
                {
                    accumulator += (_x[n * inputs + i] - _input.ZeroPoint) * (weights[o * inputs + i] - _matrix.ZeroPoint);
                }

                _y[n * outputs + o] = Requantizer.ToInt8(accumulator, multipliers[o], shifts[o], _output.ZeroPoint, op.Min, op.Max);
            }
        }
    }
}
