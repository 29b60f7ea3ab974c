namespace EdgeConv.Runtime.Kernels.Reference;

/// <summary>16x8 transposed convolution as QUANTIZATION.md defines it; for now the only one, on every path.</summary>
internal sealed unsafe class ReferenceWideTransposeConv(TransposeConvOp op, KernelContext context) : Kernel
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
                        (int row, int restY) = Math.DivRem(oy + w.PadTop - ky * w.DilationH, w.StrideH);
                        (int column, int restX) = Math.DivRem(ox + w.PadLeft - kx * w.DilationW, w.StrideW);
                        if ((restY | restX) == 0 && (uint)row < (uint)height && (uint)column < (uint)width)
                        {
                            short* x = _x + ((long)(n * height + row) * width + column) * channels;
                            sum += WideAccumulator.Dot(x, weights.Slice(((o * w.KernelH + ky) * w.KernelW + kx) * channels, channels), 0);
                        }
                    }
                }

                *y++ = accumulator.Finish(o, sum);
            }
        }
    }
}
