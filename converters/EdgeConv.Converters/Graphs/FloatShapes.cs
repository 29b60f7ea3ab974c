using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.Graphs;

/// <summary>Float loops of the operations that take a part of a tensor or change a picture's size.</summary>
internal static class FloatShapes
{
    /// <summary>A part of a tensor.</summary>
    public static void Slice(float[] x, IReadOnlyList<int> shape, Slice slice, float[] y, IReadOnlyList<int> sizes)
    {
        for (int i = 0; i < y.Length; i++)
        {
            int at = 0, stride = 1, rest = i;
            for (int d = shape.Count - 1; d >= 0; d--)
            {
                (rest, int index) = Math.DivRem(rest, sizes[d]);
                at += (slice.Dimensions[d].Begin + (index * slice.Dimensions[d].Stride)) * stride;
                stride *= shape[d];
            }

            y[i] = x[at];
        }
    }

    /// <summary>A picture of another size, NHWC.</summary>
    public static void Resize(float[] x, IReadOnlyList<int> shape, ResizeImage resize, float[] y, IReadOnlyList<int> size)
    {
        double[] rows = Positions(resize, shape[1], size[1]), columns = Positions(resize, shape[2], size[2]);
        int channels = shape[3], at = 0;
        foreach (double row in rows)
        {
            (int top, double down) = ((int)row, row - (int)row);
            int bottom = Math.Min(top + 1, shape[1] - 1);
            foreach (double column in columns)
            {
                (int left, double across) = ((int)column, column - (int)column);
                int right = Math.Min(left + 1, shape[2] - 1);
                for (int c = 0; c < channels; c++)
                {
                    double Pixel(int h, int w) => x[(((h * shape[2]) + w) * channels) + c];
                    y[at++] = (float)((((Pixel(top, left) * (1 - across)) + (Pixel(top, right) * across)) * (1 - down))
                        + (((Pixel(bottom, left) * (1 - across)) + (Pixel(bottom, right) * across)) * down));
                }
            }
        }
    }

    /// <summary>The source position of each output row or column, within the picture.</summary>
    public static double[] Positions(ResizeImage resize, int input, int output)
    {
        if (resize.Mode == ResizeMode.Nearest)
        {
            return [.. ResizePositions.Nearest(input, output, resize.Coordinates).Select(p => (double)p)];
        }

        bool corners = resize.Coordinates == ResizeCoordinates.AlignCorners && output > 1;
        double ratio = corners ? (input - 1) / (double)(output - 1) : input / (double)output;
        double half = resize.Coordinates == ResizeCoordinates.HalfPixel ? 0.5 : 0;
        return [.. Enumerable.Range(0, output).Select(i => Math.Clamp(((i + half) * ratio) - half, 0, input - 1))];
    }
}
