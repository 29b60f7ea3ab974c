using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels;

/// <summary>Resizing by copies of pixels; the same code on every path.</summary>
internal sealed unsafe class NearestResizeKernel(ResizeOp op, KernelContext context) : Kernel
{
    private readonly sbyte* _x = context.Activation(op.Input);
    private readonly sbyte* _y = context.Activation(op.Output);
    private readonly Shape4 _in = new(context.Info(op.Input)), _out = new(context.Info(op.Output));
    private readonly int[] _rows = ResizePositions.Nearest(context.Info(op.Input).Shape[1], context.Info(op.Output).Shape[1], op.Coordinates);
    private readonly int[] _columns = ResizePositions.Nearest(context.Info(op.Input).Shape[2], context.Info(op.Output).Shape[2], op.Coordinates);

    public override void Run(byte* scratch)
    {
        int pixel = _in[3];
        nint line = (nint)_in[2] * pixel, written = (nint)_columns.Length * pixel;
        sbyte* y = _y;
        for (int n = 0; n < _in[0]; n++)
        {
            sbyte* image = _x + n * _in[1] * line;
            for (int r = 0; r < _rows.Length; r++, y += written)
            {
                if (r > 0 && _rows[r] == _rows[r - 1])
                {
                    Buffer.MemoryCopy(y - written, y, written, written);   // the line above was the same
                    continue;
                }

                sbyte* row = image + _rows[r] * line, to = y;
                foreach (int column in _columns)
                {
                    Buffer.MemoryCopy(row + (nint)column * pixel, to, pixel, pixel);
                    to += pixel;
                }
            }
        }
    }
}

/// <summary>Bilinear resizing as QUANTIZATION.md defines it; the same code on every path.</summary>
internal sealed unsafe class BilinearResizeKernel(ResizeOp op, KernelContext context) : Kernel
{
    private const int One = 1 << ResizePositions.FractionBits;
    private const int Half = One * One / 2;
    private readonly sbyte* _x = context.Activation(op.Input);
    private readonly sbyte* _y = context.Activation(op.Output);
    private readonly Shape4 _in = new(context.Info(op.Input));
    private readonly int[] _rows = ResizePositions.Bilinear(context.Info(op.Input).Shape[1], context.Info(op.Output).Shape[1], op.Coordinates);
    private readonly int[] _columns = ResizePositions.Bilinear(context.Info(op.Input).Shape[2], context.Info(op.Output).Shape[2], op.Coordinates);

    public override void Run(byte* scratch)
    {
        int channels = _in[3];
        nint line = (nint)_in[2] * channels;
        sbyte* y = _y;
        for (int n = 0; n < _in[0]; n++)
        {
            sbyte* image = _x + n * _in[1] * line;
            foreach (int row in _rows)
            {
                sbyte* above = image + row / One * line;
                sbyte* below = row % One == 0 ? above : above + line;   // beyond the last row only with weight 0
                foreach (int column in _columns)
                {
                    nint left = (nint)(column / One) * channels, right = column % One == 0 ? left : left + channels;
                    Mix(above + left, above + right, below + left, below + right, row % One, column % One, channels, y);
                    y += channels;
                }
            }
        }
    }

    private static void Mix(sbyte* a, sbyte* b, sbyte* c, sbyte* d, int down, int across, int channels, sbyte* y)
    {
        int wa = (One - down) * (One - across), wb = (One - down) * across, wc = down * (One - across), wd = down * across;
        for (int i = 0; i < channels; i++)
        {
            // the weights are 2^20 in all, so the sum stays below 2^28
            int sum = a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd;
            y[i] = (sbyte)((sum + (sum > 0 ? Half : -Half)) / (One * One));
        }
    }
}
