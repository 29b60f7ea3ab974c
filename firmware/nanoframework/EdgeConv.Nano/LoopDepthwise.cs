using System;

namespace EdgeConv.Nano
{
    /// <summary>
    /// A depthwise convolution of 3x3 in loops: a row of the output at a time, in it a channel after the other, whose nine weights become variables.
    /// Every row of the output needs its three rows of the image only, so it may lie over those above.
    /// </summary>
    public sealed class LoopDepthwise
    {
        /// <summary>Bytes a channel: the record of <see cref="OutputScales"/>, nine weights, three bytes of nothing.</summary>
        public const int RecordBytes = 28;

        /// <summary>Channels whose records are read at a time.</summary>
        public const int Piece = 32;

        private const int Weights = 16;

        /// <summary>Rows and columns of the output; its channels and the image's.</summary>
        public int Rows, Columns, Channels;

        /// <summary>Where the image and the output begin, and where rows with padding are put; the image's rows and bytes of one.</summary>
        public int Image, Output, Buffer, Height, Width;

        /// <summary>Padding: rows above, bytes to the left, and the value; whether there is any.</summary>
        public int PadTop, PadLeft, PadValue;
        public bool HasPadding;

        /// <summary>Rows from one output row to the next, bytes of a row of the image, bytes from an output pixel to the next in the image.</summary>
        public int StepY, RowBytes, StepX;

        /// <summary>Where the channels' records begin, and the numbers of <see cref="OutputScales"/>.</summary>
        public int Records, Shift, Offset, ZeroPoint, Min, Max;
        public bool IsSolved;

        /// <summary>The whole layer.</summary>
        /// <param name="a">Image, output and buffer.</param>
        /// <param name="w">The records.</param>
        public void Run(sbyte[] a, WeightSource w)
        {
            if (HasPadding)
            {
                WindowRows.Fill(a, Buffer, 3 * RowBytes, PadValue);
            }

            int output = Output;
            for (int y = 0; y < Rows; y++)
            {
                int p = Image + y * StepY * RowBytes;
                if (HasPadding)
                {
                    p = Buffer;
                    WindowRows.Take(a, p, Image, y * StepY - PadTop, 3, Height, Width, PadLeft, RowBytes, PadValue);
                }

                for (int first = 0; first < Channels; first += Piece)
                {
                    int count = Channels - first < Piece ? Channels - first : Piece;
                    byte[] records = w.Read(Records + first * RecordBytes, count * RecordBytes);
                    for (int i = 0; i < count; i++)
                    {
                        Row(a, p + first + i, output + first + i, records, i * RecordBytes);
                    }
                }

                output += Columns * Channels;
            }
        }

        // A channel of a row.
        private void Row(sbyte[] a, int top, int o, byte[] record, int at)
        {
            long constant = BitConverter.ToInt64(record, at), multiplier = BitConverter.ToInt32(record, at + 8);
            int shiftOrLowered = BitConverter.ToInt32(record, at + 12);
            at += Weights;
            int w0 = (sbyte)record[at], w1 = (sbyte)record[at + 1], w2 = (sbyte)record[at + 2];
            int w3 = (sbyte)record[at + 3], w4 = (sbyte)record[at + 4], w5 = (sbyte)record[at + 5];
            int w6 = (sbyte)record[at + 6], w7 = (sbyte)record[at + 7], w8 = (sbyte)record[at + 8];
            int middle = top + RowBytes, bottom = middle + RowBytes, next = Channels, second = 2 * next, step = StepX;
            int offset = Offset, shift = Shift, min = Min, max = Max;
            bool solved = IsSolved;
            long lowered = (uint)shiftOrLowered;
            for (int x = Columns; x > 0; x--)
            {
                int sum = a[top] * w0 + a[top + next] * w1 + a[top + second] * w2
                    + a[middle] * w3 + a[middle + next] * w4 + a[middle + second] * w5
                    + a[bottom] * w6 + a[bottom + next] * w7 + a[bottom + second] * w8;
                if (solved)
                {
                    long product = sum * multiplier + constant;
                    if (product < 0)
                    {
                        product -= lowered;
                    }

                    sum = ((int)(product >> 32) + offset) >> shift;
                    a[o] = (sbyte)(sum < min ? min : sum > max ? max : sum);
                }
                else
                {
                    a[o] = Requantizer.ToInt8((int)(sum + constant), (int)multiplier, shiftOrLowered, ZeroPoint, min, max);
                }

                top += step;
                middle += step;
                bottom += step;
                o += next;
            }
        }
    }
}
