namespace EdgeConv.Runtime.Kernels.Reference;

/// <summary>16x8 convolution as QUANTIZATION.md defines it.</summary>
internal sealed unsafe class ReferenceWideConv2D(Conv2DOp op, KernelContext context) : Kernel
{
    private readonly TensorInfo _input = context.Info(op.Input), _output = context.Info(op.Output);
    private readonly short* _x = (short*)context.Activation(op.Input);
    private readonly short* _y = (short*)context.Activation(op.Output);
    private readonly WeightBytes _weights = new(op.Weights, context);

    public override void Run(byte* scratch)
    {
        ReadOnlySpan<sbyte> weights = _weights.Span;
        var accumulator = new WideAccumulator(context.Model, op.Bias, op.Multipliers, op.Shifts, op.Min, op.Max);
        (int batch, int height, int width, int channels) = (_input.Shape[0], _input.Shape[1], _input.Shape[2], _input.Shape[3]);
        (int outH, int outW, int outputs) = (_output.Shape[1], _output.Shape[2], _output.Shape[3]);
        (int groupIn, int groupOut) = (channels / op.Groups, outputs / op.Groups);
        Window w = op.Window;
        short* y = _y;
        for (int pixel = 0; pixel < batch * outH * outW; pixel++)
        {
            (int n, int oy, int ox) = (pixel / outW / outH, pixel / outW % outH, pixel % outW);
            for (int o = 0; o < outputs; o++)
            {
                long sum = accumulator.Bias(o);
                for (int ky = 0; ky < w.KernelH; ky++)
                {
                    for (int kx = 0; kx < w.KernelW; kx++)
                    {
                        int row = oy * w.StrideH - w.PadTop + ky * w.DilationH, column = ox * w.StrideW - w.PadLeft + kx * w.DilationW;
                        if ((uint)row < (uint)height && (uint)column < (uint)width)
                        {
                            short* x = _x + ((long)(n * height + row) * width + column) * channels + o / groupOut * groupIn;
                            sum += WideAccumulator.Dot(x, weights.Slice(((o * w.KernelH + ky) * w.KernelW + kx) * groupIn, groupIn), 0);
                        }
                    }
                }

                *y++ = accumulator.Finish(o, sum);
            }
        }
    }
}

/// <summary>16x8 fully connected layer as QUANTIZATION.md defines it.</summary>
internal sealed unsafe class ReferenceWideFullyConnected(FullyConnectedOp op, KernelContext context) : Kernel
{
    private readonly TensorInfo _matrix = context.Info(op.Weights);
    private readonly short* _x = (short*)context.Activation(op.Input);
    private readonly short* _y = (short*)context.Activation(op.Output);
    private readonly WeightBytes _weights = new(op.Weights, context);
    private readonly int _length = context.Info(op.Output).Length;

    public override void Run(byte* scratch)
    {
        var accumulator = new WideAccumulator(context.Model, op.Bias, op.Multipliers, op.Shifts, op.Min, op.Max);
        (int outputs, int inputs) = (_matrix.Shape[0], _matrix.Shape[1]);
        for (int i = 0; i < _length; i++)
        {
            (int n, int o) = (i / outputs, i % outputs);
            long sum = accumulator.Bias(o)
                + WideAccumulator.Dot(_x + (nint)n * inputs, _weights.Span.Slice(o * inputs, inputs), _matrix.ZeroPoint);
            _y[i] = accumulator.Finish(o, sum);
        }
    }
}
