using static EdgeConv.Runtime.Tests.Parity.PlainArithmetic;

namespace EdgeConv.Runtime.Tests.Parity;

/// <summary>Operators that move elements: where each output element comes from.</summary>
internal sealed class PlainShapes(Model model, Func<int, PlainTensor> tensor)
{
    public Func<int, Expected> Of(ModelOperator op)
    {
        int[] shape = new PlainTensor(model.Tensors[op.Output], []).Shape;
        PlainTensor x = tensor(op.Input);
        Func<int[], double> element = op switch
        {
            ConcatOp o => Concat(o),
            PadOp o => at => Padded(o, x, at),
            TransposeOp o => Transposed(o, x),
            SliceOp o => at => x[At(o.D0, at[0]), At(o.D1, at[1]), At(o.D2, at[2]), At(o.D3, at[3])],
            ResizeOp { Mode: ResizeMode.Nearest } o => at => x[
                at[0], Nearest(o, x.Shape[1], shape[1], at[1]), Nearest(o, x.Shape[2], shape[2], at[2]), at[3]],
            ResizeOp o => at => Bilinear(o, x, shape, at),
            _ => throw new ArgumentException(op.Name),
        };
        return i =>
        {
            (int n, int h, int w, int c) = PlainTensor.Indices(shape, i);
            return new Expected(element([n, h, w, c]));
        };
    }

    private Func<int[], double> Concat(ConcatOp op)
    {
        PlainTensor[] parts = [.. op.Parts.Select(tensor)];
        int axis = op.Axis + 4 - parts[0].Info.Shape.Count;
        return at =>
        {
            int[] place = [.. at];
            int part = 0;
            for (; place[axis] >= parts[part].Shape[axis]; part++)
            {
                place[axis] -= parts[part].Shape[axis];
            }

            return parts[part][place[0], place[1], place[2], place[3]];
        };
    }

    private static double Padded(PadOp op, PlainTensor x, int[] at)
    {
        (int h, int w, int c) = (at[1] - op.Top, at[2] - op.Left, at[3] - op.Front);
        bool inside = h >= 0 && h < x.Shape[1] && w >= 0 && w < x.Shape[2] && c >= 0 && c < x.Shape[3];
        return inside ? x[at[0], h, w, c] : op.Value;
    }

    private static Func<int[], double> Transposed(TransposeOp op, PlainTensor x)
    {
        int[] order = [op.Order0, op.Order1, op.Order2, op.Order3];
        return at =>
        {
            int[] from = new int[4];
            for (int i = 0; i < 4; i++)
            {
                from[order[i]] = at[i];
            }

            return x[from[0], from[1], from[2], from[3]];
        };
    }

    private static int At(SliceDimension dimension, int i) => dimension.Begin + i * dimension.Stride;

    /// <summary>The exact quotient: the sizes of the tests are none at which single precision takes another pixel.</summary>
    private static int Nearest(ResizeOp op, int size, int outputs, int i) => op.Coordinates switch
    {
        ResizeCoordinates.HalfPixel => Math.Min((2 * i + 1) * size / (2 * outputs), size - 1),
        ResizeCoordinates.AlignCorners when outputs > 1 => (2 * i * (size - 1) + outputs - 1) / (2 * (outputs - 1)),
        _ => Math.Min(i * size / outputs, size - 1),
    };

    private static double Bilinear(ResizeOp op, PlainTensor x, int[] shape, int[] at)
    {
        (int y0, int y1, long fy) = Position(op, x.Shape[1], shape[1], at[1]);
        (int x0, int x1, long fx) = Position(op, x.Shape[2], shape[2], at[2]);
        long sum = 0;
        foreach ((int h, long wh) in new[] { (y0, 1024 - fy), (y1, fy) })
        {
            foreach ((int w, long ww) in new[] { (x0, 1024 - fx), (x1, fx) })
            {
                sum += x[at[0], h, w, at[3]] * wh * ww;
            }
        }

        return Quotient(sum, 1 << 20);
    }

    private static (int Low, int High, long Fraction) Position(ResizeOp op, int size, int outputs, int i)
    {
        bool corners = op.Coordinates == ResizeCoordinates.AlignCorners && outputs > 1;
        long step = corners ? (2048L * (size - 1) + outputs - 1) / (2 * (outputs - 1)) : (2048L * size + outputs) / (2 * outputs);
        long position = i * step + (op.Coordinates == ResizeCoordinates.HalfPixel ? (long)Math.Floor(step / 2.0) - 512 : 0);
        position = Math.Max(0, Math.Min(position, 1024L * (size - 1)));
        int low = (int)(position / 1024);
        return (low, Math.Min(low + 1, size - 1), position % 1024);
    }
}
