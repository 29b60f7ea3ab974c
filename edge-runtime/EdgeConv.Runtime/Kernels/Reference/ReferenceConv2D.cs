using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Reference;

/// <summary>Convolution as QUANTIZATION.md defines it, and the maximum pooling behind it.</summary>
internal sealed unsafe class ReferenceConv2D(Conv2DOp op, KernelContext context) : Kernel
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
        (int batch, int outH, int outW, int outputs) = (_output.Shape[0], _output.Shape[1], _output.Shape[2], _output.Shape[3]);
        Pooling pool = op.Pool;
        sbyte* y = _y;
        for (int n = 0; n < batch; n++)
        {
            for (int oy = 0; oy < outH; oy++)
            {
                for (int ox = 0; ox < outW; ox++)
                {
                    for (int o = 0; o < outputs; o++)
                    {
                        sbyte max = sbyte.MinValue;
                        for (int py = 0; py < pool.KernelH; py++)
                        {
                            for (int px = 0; px < pool.KernelW; px++)
                            {
                                int accumulator = bias[o] + Sum(weights, n, oy * pool.StrideH + py, ox * pool.StrideW + px, o);
                                max = Math.Max(max, Requantizer.ToInt8(accumulator, multipliers[o], shifts[o], _output.ZeroPoint, op.Min, op.Max));
                            }
                        }

                        *y++ = max;
                    }
                }
            }
        }
    }

    /// <summary>Pixel (oy, ox) of filter o, without the bias.</summary>
    private int Sum(ReadOnlySpan<sbyte> weights, int n, int oy, int ox, int o)
    {
        (int height, int width, int channels) = (_input.Shape[1], _input.Shape[2], _input.Shape[3]);
        (int groupIn, int groupOut) = (channels / op.Groups, _output.Shape[3] / op.Groups);
        Window w = op.Window;
        int sum = 0;
        for (int ky = 0; ky < w.KernelH; ky++)
        {
            for (int kx = 0; kx < w.KernelW; kx++)
            {
                int row = oy * w.StrideH - w.PadTop + ky * w.DilationH;
                int column = ox * w.StrideW - w.PadLeft + kx * w.DilationW;
                if ((uint)row >= (uint)height || (uint)column >= (uint)width)
                {
                    continue;   // padding is the input zero point: it adds nothing
                }

                sbyte* pixel = _x + ((long)(n * height + row) * width + column) * channels + o / groupOut * groupIn;
                ReadOnlySpan<sbyte> tap = weights.Slice(((o * w.KernelH + ky) * w.KernelW + kx) * groupIn, groupIn);
                for (int i = 0; i < groupIn; i++)
                {
                    sum += (pixel[i] - _input.ZeroPoint) * tap[i];
                }
            }
        }

        return sum;
    }
}
