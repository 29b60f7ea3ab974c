using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters.Visualization;

/// <summary>How much each pixel of a picture speaks for a class.</summary>
/// <param name="Class">The class that was watched: the float network's answer.</param>
/// <param name="Float">Rows by columns: by how much the class's logit falls, on average, when a square over the pixel is covered.</param>
/// <param name="Int8">The same for the int8 network.</param>
/// <param name="Side">Pixels along the square.</param>
public sealed record OcclusionMap(int Class, float[] Float, float[] Int8, int Side)
{
    /// <summary>Correlation of the two maps; 1 where both look at the same places, 0 where one is flat.</summary>
    public double Correlation
    {
        get
        {
            (double a, double b) = (Float.Average(), Int8.Average());
            double product = Float.Zip(Int8).Sum(p => (p.First - a) * (p.Second - b));
            double size = Math.Sqrt(Float.Sum(v => (v - a) * (v - a)) * Int8.Sum(v => (v - b) * (v - b)));
            return size == 0 ? 0 : product / size;
        }
    }
}

/// <summary>
/// Saliency by covering squares of the picture with its mean colour and watching the answer (Zeiler and Fergus, 2014, section 4.2).
/// </summary>
public static class Occlusion
{
    /// <summary>Covers squares all over the picture.</summary>
    /// <param name="run">The two networks.</param>
    /// <param name="layout">The picture's layout.</param>
    /// <param name="hwc">The picture, as the layout has it.</param>
    /// <param name="side">Pixels along the square.</param>
    /// <param name="step">Pixels from one square to the next; at most the side, so that no pixel is left out.</param>
    /// <param name="progress">Gets the number of squares that are done.</param>
    /// <param name="cancel">Stops between two squares.</param>
    public static OcclusionMap Run(TwinRun run, PictureLayout layout, byte[] hwc, int side, int step,
        IProgress<int>? progress = null, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(step, side);
        byte[] mean = Mean(hwc, layout.Channels);
        run.Run(hwc);
        int watched = Answers.IndexOfMax(run.Float);
        (float real, float int8) = (run.Float[watched], run.Int8[watched]);
        var (sum, sum8, covers) = (new float[layout.Width * layout.Height], new float[layout.Width * layout.Height],
            new int[layout.Width * layout.Height]);
        (int Top, int Left)[] squares = [.. Places(layout, side, step)];
        byte[] covered = new byte[hwc.Length];
        for (int i = 0; i < squares.Length; i++)
        {
            cancel.ThrowIfCancellationRequested();
            hwc.CopyTo(covered, 0);
            int[] pixels = [.. Pixels(layout, squares[i], side)];
            foreach (int pixel in pixels)
            {
                mean.CopyTo(covered, pixel * layout.Channels);
            }

            run.Run(covered);
            foreach (int pixel in pixels)
            {
                sum[pixel] += real - run.Float[watched];
                sum8[pixel] += int8 - run.Int8[watched];
                covers[pixel]++;
            }

            progress?.Report(i + 1);
        }

        return new OcclusionMap(watched, [.. sum.Zip(covers, (s, n) => s / n)], [.. sum8.Zip(covers, (s, n) => s / n)], side);
    }

    /// <summary>Number of squares.</summary>
    public static int Squares(PictureLayout layout, int side, int step) => Places(layout, side, step).Count();

    // Squares reach over the border, so that pixels there are covered as often as others.
    private static IEnumerable<(int Top, int Left)> Places(PictureLayout layout, int side, int step) =>
        from top in Range(layout.Height, side, step)
        from left in Range(layout.Width, side, step)
        select (top, left);

    private static IEnumerable<int> Range(int size, int side, int step)
    {
        for (int at = step - side; at < size; at += step)
        {
            yield return at;
        }
    }

    private static IEnumerable<int> Pixels(PictureLayout layout, (int Top, int Left) square, int side)
    {
        for (int y = Math.Max(square.Top, 0); y < Math.Min(square.Top + side, layout.Height); y++)
        {
            for (int x = Math.Max(square.Left, 0); x < Math.Min(square.Left + side, layout.Width); x++)
            {
                yield return (y * layout.Width) + x;
            }
        }
    }

    private static byte[] Mean(byte[] hwc, int channels) =>
        [.. Enumerable.Range(0, channels).Select(c => (byte)Math.Round(hwc.Where((_, i) => i % channels == c).Average(b => b)))];
}
