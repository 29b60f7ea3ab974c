using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels;

/// <summary>16x8 convolution as QUANTIZATION.md defines it, int64 accumulators; the same code on every path.</summary>
internal sealed unsafe class WideConv2D(Conv2DOp op, KernelContext context) : Kernel
{
    private readonly TensorInfo _input = context.Info(op.Input), _output = context.Info(op.Output);
    private readonly short* _x = (short*)context.Activation(op.Input);
    private readonly short* _y = (short*)context.Activation(op.Output);
    private readonly WeightBytes _weights = new(op.Weights, context);

    public override void Run(byte* scratch)
    {
        Model model = context.Model;
        ReadOnlySpan<sbyte> weights = _weights.Span;
        ReadOnlySpan<long> bias = model.Int64Data(op.Bias);
        ReadOnlySpan<int> multipliers = model.Int32Data(op.Multipliers), shifts = model.Int32Data(op.Shifts);
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
                long accumulator = bias[o];
                for (int ky = 0; ky < w.KernelH; ky++)
                {
                    for (int kx = 0; kx < w.KernelW; kx++)
                    {
                        int row = oy * w.StrideH - w.PadTop + ky * w.DilationH, column = ox * w.StrideW - w.PadLeft + kx * w.DilationW;
                        if ((uint)row < (uint)height && (uint)column < (uint)width)
                        {
                            short* x = _x + ((long)(n * height + row) * width + column) * channels + o / groupOut * groupIn;
                            accumulator += Dot(x, weights.Slice(((o * w.KernelH + ky) * w.KernelW + kx) * groupIn, groupIn), 0);
                        }
                    }
                }

                *y++ = Requantizer.ToInt16(accumulator, multipliers[o], shifts[o], op.Min, op.Max);
            }
        }
    }

    internal static long Dot(short* x, ReadOnlySpan<sbyte> weights, int weightZeroPoint)
    {
        long sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            sum += x[i] * (weights[i] - weightZeroPoint);
        }

        return sum;
    }
}

/// <summary>16x8 fully connected layer as QUANTIZATION.md defines it; the same code on every path.</summary>
internal sealed unsafe class WideFullyConnected(FullyConnectedOp op, KernelContext context) : Kernel
{
    private readonly TensorInfo _matrix = context.Info(op.Weights);
    private readonly short* _x = (short*)context.Activation(op.Input);
    private readonly short* _y = (short*)context.Activation(op.Output);
    private readonly WeightBytes _weights = new(op.Weights, context);
    private readonly int _length = context.Info(op.Output).Length;

    public override void Run(byte* scratch)
    {
        Model model = context.Model;
        ReadOnlySpan<long> bias = model.Int64Data(op.Bias);
        ReadOnlySpan<int> multipliers = model.Int32Data(op.Multipliers), shifts = model.Int32Data(op.Shifts);
        (int outputs, int inputs) = (_matrix.Shape[0], _matrix.Shape[1]);
        for (int i = 0; i < _length; i++)
        {
            (int n, int o) = (i / outputs, i % outputs);
            long accumulator = bias[o] + WideConv2D.Dot(_x + (nint)n * inputs, _weights.Span.Slice(o * inputs, inputs), _matrix.ZeroPoint);
            _y[i] = Requantizer.ToInt16(accumulator, multipliers[o], shifts[o], op.Min, op.Max);
        }
    }
}

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
            int value = Requantizer.Scale(x - _input.ZeroPoint, op.Factor.Multiplier, op.Factor.Shift) + _output.ZeroPoint;
            if (_toWide)
            {
                ((short*)_y)[i] = (short)Math.Clamp(value, short.MinValue, short.MaxValue);
            }
            else
            {
                _y[i] = (sbyte)Math.Clamp(value, sbyte.MinValue, sbyte.MaxValue);
            }
        }
    }
}
