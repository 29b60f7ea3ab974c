namespace EdgeConv.Converters.CodeGen;

/// <summary>How far an output may lie over the image that it is computed from, when both are worked through from the top.</summary>
internal static class Overlap
{
    /// <summary>
    /// The output must begin at least so many bytes below the image's beginning (above it, where negative), so that nothing is overwritten that is
    /// still to be read.
    /// </summary>
    /// <param name="steps">Steps of the work, in order.</param>
    /// <param name="reads">The first row of the image that a step reads, perhaps above it.</param>
    /// <param name="writes">Bytes of the output that are written after a step.</param>
    /// <param name="image">Rows of the image and bytes of a row.</param>
    /// <param name="isBuffered">Whether a step takes all its rows before it writes.</param>
    public static int Below(int steps, Func<int, int> reads, Func<int, int> writes, (int Rows, int RowBytes) image, bool isBuffered)
    {
        int below = int.MinValue, needed = image.Rows;
        for (int step = steps - 1; step >= 0; step--)
        {
            int first = Math.Clamp(reads(step), 0, image.Rows);
            int needs = isBuffered ? needed : Math.Min(needed, first);
            below = Math.Max(below, writes(step) - needs * image.RowBytes);
            needed = Math.Min(needed, first);
        }

        return below;
    }
}
