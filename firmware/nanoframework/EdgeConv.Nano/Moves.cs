using System;

namespace EdgeConv.Nano
{
    /// <summary>Layers that move bytes.</summary>
    public static class Moves
    {
        /// <summary>Runs of bytes to places that lie apart: a part of a concatenation.</summary>
        /// <param name="arena">Holds both.</param>
        /// <param name="from">The first run.</param>
        /// <param name="to">Where it goes.</param>
        /// <param name="count">Runs.</param>
        /// <param name="run">Bytes of one.</param>
        /// <param name="stride">From where one goes to where the next one goes.</param>
        public static void Runs(sbyte[] arena, int from, int to, int count, int run, int stride)
        {
            for (int i = 0; i < count; i++)
            {
                Array.Copy(arena, from, arena, to, run);
                from += run;
                to += stride;
            }
        }

        /// <summary>Elements from where they lie apart: a part of a tensor, or its dimensions in another order.</summary>
        /// <param name="arena">Holds both.</param>
        /// <param name="from">The first element.</param>
        /// <param name="to">Where the output begins.</param>
        /// <param name="walk">From element to element, in the output's order.</param>
        public static void Gather(sbyte[] arena, int from, int to, IndexWalk walk)
        {
            walk.Begin(from);
            for (int end = to + walk.Count; to < end; to++)
            {
                arena[to] = arena[walk.At];
                walk.Next();
            }
        }

        /// <summary>A frame of a constant around an image, and channels of it before and behind the image's own.</summary>
        /// <param name="arena">Holds both.</param>
        /// <param name="from">Where the image begins.</param>
        /// <param name="to">Where the output begins.</param>
        /// <param name="height">The image's rows.</param>
        /// <param name="width">Its columns.</param>
        /// <param name="channels">Its channels.</param>
        /// <param name="first">From the output's beginning to the image's first byte in it.</param>
        /// <param name="pixel">Bytes of a pixel of the output.</param>
        /// <param name="row">Bytes of a row of the output.</param>
        /// <param name="count">Bytes of the output.</param>
        /// <param name="value">The frame's.</param>
        public static void Pad(sbyte[] arena, int from, int to, int height, int width, int channels, int first, int pixel, int row, int count, int value)
        {
            WindowRows.Fill(arena, to, count, value);
            for (int y = 0; y < height; y++)
            {
                if (pixel == channels)
                {
                    Array.Copy(arena, from + y * width * channels, arena, to + first + y * row, width * channels);
                }
                else
                {
                    Runs(arena, from + y * width * channels, to + first + y * row, width, channels, pixel);
                }
            }
        }
    }
}
