using System;

namespace EdgeConv.Nano
{
    /// <summary>The rows of an image that the windows of one row of the output look at, with padding around them.</summary>
    public static class WindowRows
    {
        /// <summary>Fills a buffer with the padding's value; <see cref="Take"/> leaves the columns of padding as they are.</summary>
        /// <param name="arena">Holds image and buffer.</param>
        /// <param name="at">Where the buffer begins.</param>
        /// <param name="count">Its bytes.</param>
        /// <param name="value">The input's zero point.</param>
        public static void Fill(sbyte[] arena, int at, int count, int value)
        {
            sbyte padding = (sbyte)value;
            for (int i = 0; i < count; i++)
            {
                arena[at + i] = padding;
            }
        }

        /// <summary>Copies rows to the buffer; rows above and below the image become padding.</summary>
        /// <param name="arena">Holds image and buffer.</param>
        /// <param name="buffer">Where the buffer begins.</param>
        /// <param name="image">Where the image begins.</param>
        /// <param name="first">The first row, perhaps above the image.</param>
        /// <param name="count">Rows.</param>
        /// <param name="height">The image's rows.</param>
        /// <param name="width">Bytes of one of them.</param>
        /// <param name="left">Bytes of padding before each.</param>
        /// <param name="stride">Bytes from a row of the buffer to the next.</param>
        /// <param name="value">The input's zero point.</param>
        public static void Take(
            sbyte[] arena, int buffer, int image, int first, int count, int height, int width, int left, int stride, int value)
        {
            int to = buffer + left;
            for (int row = first; row < first + count; row++)
            {
                if (row >= 0 && row < height)
                {
                    Array.Copy(arena, image + row * width, arena, to, width);
                }
                else
                {
                    Fill(arena, to, width, value);
                }

                to += stride;
            }
        }
    }
}
