namespace EdgeConv.Converters.Augmentation;

/// <summary>Reads pictures between their pixels.</summary>
internal static class Sampling
{
    /// <summary>Mean of the four neighbours by distance; beyond the border the border's pixels go on.</summary>
    /// <param name="source">HWC.</param>
    /// <param name="pixel">A value a channel is written here.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="u">Column.</param>
    /// <param name="v">Row.</param>
    public static void Bilinear(ReadOnlySpan<byte> source, Span<byte> pixel, int height, int width, float u, float v)
    {
        u = Math.Clamp(u, 0, width - 1);
        v = Math.Clamp(v, 0, height - 1);
        int x = (int)u, y = (int)v, channels = pixel.Length;
        float right = u - x, down = v - y;
        int top = (y * width + x) * channels;
        int stepX = x + 1 < width ? channels : 0, bottom = top + (y + 1 < height ? width * channels : 0);
        for (int c = 0; c < channels; c++)
        {
            float above = source[top + c] + right * (source[top + stepX + c] - source[top + c]);
            float below = source[bottom + c] + right * (source[bottom + stepX + c] - source[bottom + c]);
            pixel[c] = (byte)(above + down * (below - above) + 0.5f);
        }
    }

    /// <summary>Rounded and kept within 0 to 255.</summary>
    public static byte ToByte(float value) => (byte)Math.Clamp(value + 0.5f, 0, 255);
}
