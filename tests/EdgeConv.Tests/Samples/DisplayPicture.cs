using System.Text;
using EdgeConv.Samples.ClassOnDisplay;

namespace EdgeConv.Tests.Samples;

/// <summary>What is seen on the sample's display while it shows a digit.</summary>
internal static class DisplayPicture
{
    /// <summary>A portable bitmap, 1 for a pixel that shines.</summary>
    /// <param name="digit">0 to 9, or -1 for none.</param>
    public static byte[] Bitmap(int digit)
    {
        byte[] bits = new byte[SevenSegment.Width * SevenSegment.Height / 8];
        for (int i = 0; i < SevenSegment.Width * SevenSegment.Height; i++)
        {
            bits[i / 8] |= (byte)(Shines(digit, i % SevenSegment.Width, i / SevenSegment.Width) ? 0x80 >> i % 8 : 0);
        }

        return [.. Encoding.ASCII.GetBytes($"P4 {SevenSegment.Width} {SevenSegment.Height}\n"), .. bits];
    }

    /// <summary>Some of its columns as text, two rows a line.</summary>
    public static string Text(int digit, Range columns)
    {
        (int left, int width) = columns.GetOffsetAndLength(SevenSegment.Width);
        return string.Concat(Enumerable.Range(0, SevenSegment.Height / 2)
            .Select(row => string.Concat(Enumerable.Range(left, width).Select(x => Character(Shines(digit, x, 2 * row), Shines(digit, x, 2 * row + 1)))).TrimEnd() + "\n"));
    }

    private static char Character(bool top, bool bottom) => (top, bottom) switch
    {
        (true, true) => '\u2588',
        (true, false) => '\u2580',
        (false, true) => '\u2584',
        _ => ' ',
    };

    private static bool Shines(int digit, int x, int y) => (SevenSegment.Draw(digit)[y / 8 * SevenSegment.Width + x] >> y % 8 & 1) != 0;
}
