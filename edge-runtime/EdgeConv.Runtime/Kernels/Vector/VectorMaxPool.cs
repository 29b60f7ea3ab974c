using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Maximum pooling. The second pass writes whole vectors in ascending order, so that what spills into the next pixel is overwritten by it.
/// </summary>
internal sealed unsafe class VectorMaxPool(MaxPoolOp op, KernelContext context) : VectorPool(op, op.Window, context)
{
    public override KernelChoice Choice => new("maximum down the rows, then across", "whole image rows are vectors, whatever the number of channels");

    protected override long LaneBytes => Align(Geometry.Width * Geometry.Channels) + Align(Geometry.OutW * Geometry.Channels);

    protected override void Row(sbyte* x, int rows, byte* scratch, sbyte* y)
    {
        int rowBytes = Geometry.Width * Geometry.Channels, outBytes = Geometry.OutW * Geometry.Channels;
        sbyte* column = (sbyte*)scratch;
        sbyte* result = column + Align(rowBytes);
        MaxDown(x, rows, op.Window.DilationH * (nint)rowBytes, column, rowBytes);
        MaxAcross(column, result);
        Buffer.MemoryCopy(result, y, outBytes, outBytes);
    }

    private static int Align(int bytes) => (bytes + 127) & ~63;   // and room for a whole vector behind the last byte

    private static void MaxDown(sbyte* top, int rows, nint stride, sbyte* column, int bytes)
    {
        for (int i = 0; i < bytes; i += Vector128<sbyte>.Count)
        {
            sbyte* at = top + i;
            Vector128<sbyte> max = Vector128.Load(at);
            for (int r = 1; r < rows; r++)
            {
                at += stride;
                max = Vector128.Max(max, Vector128.Load(at));
            }

            max.Store(column + i);
        }
    }

    private void MaxAcross(sbyte* column, sbyte* result)
    {
        Vector128<sbyte> low = Vector128.Create((sbyte)op.Min), high = Vector128.Create((sbyte)op.Max);
        int channels = Geometry.Channels;
        for (int ox = 0; ox < Geometry.OutW; ox++, result += channels)
        {
            (int first, int end) = Geometry.ColumnsInside(ox);
            sbyte* left = column + (nint)(ox * op.Window.StrideW - op.Window.PadLeft + first * op.Window.DilationW) * channels;
            for (int c = 0; c < channels; c += Vector128<sbyte>.Count)
            {
                sbyte* at = left + c;
                Vector128<sbyte> max = Vector128.Load(at);
                for (int k = first + 1; k < end; k++)
                {
                    at += (nint)op.Window.DilationW * channels;
                    max = Vector128.Max(max, Vector128.Load(at));
                }

                Vector128.Min(Vector128.Max(max, low), high).Store(result + c);
            }
        }
    }
}
