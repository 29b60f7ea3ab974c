namespace EdgeConv.Samples.ClassOnDisplay;

/// <summary>Draws a digit for a 128x32 display whose bytes are columns of eight pixels, page after page, the top pixel in bit 0.</summary>
public static class SevenSegment
{
    /// <summary>Columns of the display.</summary>
    public const int Width = 128;

    /// <summary>Rows of the display.</summary>
    public const int Height = 32;

    // Bits 0 to 6 are the segments a (top) clockwise to f, and g (middle).
    private static readonly byte[] _digits = [0x3F, 0x06, 0x5B, 0x4F, 0x66, 0x6D, 0x7D, 0x07, 0x7F, 0x6F];

    private static readonly (int X, int Y, int Width, int Height)[] _segments =
        [(58, 0, 12, 3), (70, 2, 3, 13), (70, 17, 3, 13), (58, 29, 12, 3), (55, 17, 3, 13), (55, 2, 3, 13), (58, 14, 12, 3)];

    /// <summary>The display's bytes for a digit in its middle.</summary>
    /// <param name="digit">0 to 9, or -1 for a dark display.</param>
    public static byte[] Draw(int digit)
    {
        byte[] pages = new byte[Width * Height / 8];
        int lit = digit < 0 ? 0 : _digits[digit];
        for (int segment = 0; segment < _segments.Length; segment++)
        {
            if ((lit >> segment & 1) == 0)
            {
                continue;
            }

            (int left, int top, int width, int height) = _segments[segment];
            for (int y = top; y < top + height; y++)
            {
                for (int x = left; x < left + width; x++)
                {
                    pages[y / 8 * Width + x] |= (byte)(1 << (y % 8));
                }
            }
        }

        return pages;
    }
}
