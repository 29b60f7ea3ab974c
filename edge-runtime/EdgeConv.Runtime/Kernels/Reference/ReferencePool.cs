using System.Numerics;

namespace EdgeConv.Runtime.Kernels.Reference;

/// <summary>The loops that both poolings share: every tap of every window that lies inside the image.</summary>
internal abstract unsafe class ReferencePool<T>(ModelOperator op, Window window, KernelContext context) : Kernel
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly TensorInfo _input = context.Info(op.Input), _output = context.Info(op.Output);
    private readonly T* _x = (T*)context.Activation(op.Input);
    private readonly T* _y = (T*)context.Activation(op.Output);

    public override void Run(byte* scratch)
    {
        (int height, int width, int channels) = (_input.Shape[1], _input.Shape[2], _input.Shape[3]);
        (int batch, int outH, int outW) = (_output.Shape[0], _output.Shape[1], _output.Shape[2]);
        T* y = _y;
        for (int n = 0; n < batch; n++)
        {
            for (int oy = 0; oy < outH; oy++)
            {
                for (int ox = 0; ox < outW; ox++)
                {
                    for (int c = 0; c < channels; c++)
                    {
                        int sum = 0, max = int.MinValue, count = 0;
                        for (int ky = 0; ky < window.KernelH; ky++)
                        {
                            for (int kx = 0; kx < window.KernelW; kx++)
                            {
                                int row = oy * window.StrideH - window.PadTop + ky * window.DilationH;
                                int column = ox * window.StrideW - window.PadLeft + kx * window.DilationW;
                                if ((uint)row < (uint)height && (uint)column < (uint)width)
                                {
                                    int value = int.CreateTruncating(_x[((long)(n * height + row) * width + column) * channels + c]);
                                    sum += value;
                                    max = Math.Max(max, value);
                                    count++;
                                }
                            }
                        }

                        *y++ = T.CreateTruncating(Finish(sum, max, count));
                    }
                }
            }
        }
    }

    protected abstract int Finish(int sum, int max, int count);
}

/// <summary>Maximum pooling as QUANTIZATION.md defines it.</summary>
internal sealed class ReferenceMaxPool<T>(MaxPoolOp op, KernelContext context) : ReferencePool<T>(op, op.Window, context)
    where T : unmanaged, IBinaryInteger<T>
{
    protected override int Finish(int sum, int max, int count) => Math.Clamp(max, op.Min, op.Max);
}

/// <summary>Average pooling as QUANTIZATION.md defines it.</summary>
internal sealed class ReferenceAveragePool<T>(AveragePoolOp op, KernelContext context) : ReferencePool<T>(op, op.Window, context)
    where T : unmanaged, IBinaryInteger<T>
{
    protected override int Finish(int sum, int max, int count) => Math.Clamp(PoolArithmetic.RoundedMean(sum, count), op.Min, op.Max);
}

/// <summary>What average pooling does with a sum.</summary>
internal static class PoolArithmetic
{
    /// <summary>sum / count, halves away from zero.</summary>
    public static int RoundedMean(int sum, int count) => (sum + (sum > 0 ? count / 2 : -(count / 2))) / count;
}
