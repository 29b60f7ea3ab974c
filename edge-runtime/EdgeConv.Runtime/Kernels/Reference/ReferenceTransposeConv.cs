using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Reference;

/// <summary>Transposed convolution as QUANTIZATION.md defines it.</summary>
internal sealed unsafe class ReferenceTransposeConv(TransposeConvOp op, KernelContext context) : Kernel
{
    private readonly TensorInfo _input = context.Info(op.Input), _output = context.Info(op.Output);
    private readonly sbyte* _x = context.Activation(op.Input);
    private readonly sbyte* _y = context.Activation(op.Output);
    private readonly WeightBytes _weights = new(op.Weights, context);

    public override void Run(byte* scratch)
    {
        Model model = context.Model;
        ReadOnlySpan<sbyte> weights = _weights.Span;
        ReadOnlySpan<int> bias = model.Int32Data(op.Bias), multipliers = model.Int32Data(op.Multipliers), shifts = model.Int32Data(op.Shifts);
        (int batch, int height, int width, int channels) = (_input.Shape[0], _input.Shape[1], _input.Shape[2], _input.Shape[3]);
        (int outH, int outW, int outputs) = (_output.Shape[1], _output.Shape[2], _output.Shape[3]);
        Window w = op.Window;
        sbyte* y = _y;
        for (int n = 0; n < batch; n++)
        {
            for (int oy = 0; oy < outH; oy++)
            {
                for (int ox = 0; ox < outW; ox++)
                {
                    for (int o = 0; o < outputs; o++)
                    {
                        int accumulator = bias[o];
                        for (int ky = 0; ky < w.KernelH; ky++)
                        {
                            for (int kx = 0; kx < w.KernelW; kx++)
                            {
                                (int row, int restY) = Math.DivRem(oy + w.PadTop - ky * w.DilationH, w.StrideH);
                                (int column, int restX) = Math.DivRem(ox + w.PadLeft - kx * w.DilationW, w.StrideW);
                                if ((restY | restX) != 0 || (uint)row >= (uint)height || (uint)column >= (uint)width)
                                {
                                    continue;
                                }

                                sbyte* pixel = _x + ((long)(n * height + row) * width + column) * channels;
                                ReadOnlySpan<sbyte> tap = weights.Slice(((o * w.KernelH + ky) * w.KernelW + kx) * channels, channels);
                                for (int i = 0; i < channels; i++)
                                {
                                    accumulator += (pixel[i] - _input.ZeroPoint) * tap[i];
                                }
                            }
                        }

                        *y++ = Requantizer.ToInt8(accumulator, multipliers[o], shifts[o], _output.ZeroPoint, op.Min, op.Max);
                    }
                }
            }
        }
    }
}
