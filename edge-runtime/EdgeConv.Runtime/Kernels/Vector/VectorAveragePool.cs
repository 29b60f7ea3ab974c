using System.Runtime.Intrinsics;
using EdgeConv.Runtime.Kernels.Reference;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Average pooling, with int32 sums between the passes.</summary>
internal sealed unsafe class VectorAveragePool(AveragePoolOp op, KernelContext context) : VectorPool(op, op.Window, context)
{
    private const int Step = 16;
    private const int Lanes = 4;

    /// <summary>Up to it a sum is exact in float, and so is a quotient's integer part.</summary>
    private const int MostInFloat = 1 << 16;

    public override KernelChoice Choice => new("sums down the rows, then across", "whole image rows are vectors, whatever the number of channels");

    protected override long LaneBytes => sizeof(int) * ((long)Geometry.Width * Geometry.Channels + Step);

    protected override void Row(sbyte* x, int rows, byte* scratch, sbyte* y)
    {
        int rowBytes = Geometry.Width * Geometry.Channels;
        SumDown(x, rows, op.Window.DilationH * (nint)rowBytes, (int*)scratch, rowBytes);
        MeanAcross((int*)scratch, rows, y);
    }

    private static void SumDown(sbyte* top, int rows, nint stride, int* column, int bytes)
    {
        for (int i = 0; i < bytes; i += Step)
        {
            sbyte* at = top + i;
            Vector128<int> a = default, b = default, c = default, d = default;
            for (int r = 0; r < rows; r++, at += stride)
            {
                (Vector128<short> low, Vector128<short> high) = Vector128.Widen(Vector128.Load(at));
                a += Vector128.WidenLower(low);
                b += Vector128.WidenUpper(low);
                c += Vector128.WidenLower(high);
                d += Vector128.WidenUpper(high);
            }

            a.Store(column + i);
            b.Store(column + i + 4);
            c.Store(column + i + 8);
            d.Store(column + i + 12);
        }
    }

    private void MeanAcross(int* column, int rows, sbyte* y)
    {
        int channels = Geometry.Channels;
        for (int ox = 0; ox < Geometry.OutW; ox++, y += channels)
        {
            (int first, int end) = Geometry.ColumnsInside(ox);
            int* left = column + (nint)(ox * op.Window.StrideW - op.Window.PadLeft + first * op.Window.DilationW) * channels;
            nint step = (nint)op.Window.DilationW * channels;
            int count = rows * (end - first), c = 0;
            if (count <= MostInFloat)
            {
                for (; c + Lanes <= channels; c += Lanes)
                {
                    Vector128<int> sum = Vector128.Load(left + c);
                    for (int k = 1; k < end - first; k++)
                    {
                        sum += Vector128.Load(left + k * step + c);
                    }

                    *(int*)(y + c) = Mean(sum, count);
                }
            }

            for (; c < channels; c++)
            {
                int sum = 0;
                for (int k = 0; k < end - first; k++)
                {
                    sum += left[k * step + c];
                }

                y[c] = (sbyte)Math.Clamp(PoolArithmetic.RoundedMean(sum, count), op.Min, op.Max);
            }
        }
    }

    /// <summary>
    /// Four bytes. The quotient of |sum| + count / 2, at most 129 * count, is below 129; where it is no integer it is at least 1 / count below the next one, more than
    /// float loses: its integer part is that of the exact quotient.
    /// </summary>
    private int Mean(Vector128<int> sum, int count)
    {
        Vector128<int> sign = sum >> 31, magnitude = (sum ^ sign) - sign + Vector128.Create(count / 2);
        Vector128<int> quotient = Vector128.ConvertToInt32Native(Vector128.ConvertToSingle(magnitude) / Vector128.Create((float)count));
        Vector128<int> mean = (quotient ^ sign) - sign;
        mean = Vector128.Min(Vector128.Max(mean, Vector128.Create(op.Min)), Vector128.Create(op.Max));
        return Vector128.Narrow(Vector128.Narrow(mean, mean), default).AsInt32().ToScalar();
    }
}
