using System;

namespace EdgeConv.Nano
{
    /// <summary>
    /// A convolution in loops, for layers whose weights would be too much code. Up to three filters share a product: their weights lie side by
    /// side in an int64, and the converter has proven that their sums do not meet. Weights are read from flash once an inference, a group of
    /// filters at a time, which then goes over the whole image; so the output must not lie over the input.
    /// </summary>
    public sealed class LoopConvolution
    {
        /// <summary>
        /// Bytes before a group's weights: what a sum begins with (int64), filters (int32), the first channel that they see (int32), then for three
        /// filters index, left shift and right shift of the lane (int32 each), four bytes of nothing, and the record of <see cref="OutputScales"/>.
        /// </summary>
        public const int HeaderBytes = 16 + 3 * LaneBytes;

        private const int LaneBytes = 32;
        private const int PieceBytes = 768;

        // Of the group at hand, an element a lane.
        private readonly int[] _filter = new int[3], _left = new int[3], _right = new int[3], _multiplier = new int[3], _shiftOrLowered = new int[3];
        private readonly long[] _constant = new long[3];

        /// <summary>Rows and columns of the output, and its channels.</summary>
        public int Rows, Columns, Filters;

        /// <summary>Where the image and the output begin, and where rows with padding are put; the image's rows and bytes of one.</summary>
        public int Image, Output, Buffer, Height, Width;

        /// <summary>Padding: rows above, bytes to the left, and the value; whether there is any.</summary>
        public int PadTop, PadLeft, PadValue;
        public bool HasPadding;

        /// <summary>Rows that an output row looks at, from one output row to the next, bytes of one.</summary>
        public int Count, StepY, RowBytes;

        /// <summary>Bytes from an output pixel to the next.</summary>
        public int StepX;

        /// <summary>A window: rows of taps, bytes from one to the next, runs of bytes in each, from one to the next, taps of one.</summary>
        public int TapRows, TapRowBytes, Runs, RunBytes, RunTaps;

        /// <summary>The pooling's window behind it: places down and across, bytes from one to the next.</summary>
        public int PlacesH, PlacesW, PlaceRowBytes, PlaceBytes;

        /// <summary>Groups of filters, where their records begin, and the numbers of <see cref="OutputScales"/>.</summary>
        public int Groups, Records, Shift, Offset, ZeroPoint, Min, Max;
        public bool IsSolved;

        /// <summary>The whole layer.</summary>
        /// <param name="a">Image, output and buffer.</param>
        /// <param name="w">The records.</param>
        /// <param name="t">Room for a filter's taps.</param>
        public void Run(sbyte[] a, WeightSource w, long[] t)
        {
            int at = Records, taps = TapRows * Runs * RunTaps;
            if (HasPadding)
            {
                WindowRows.Fill(a, Buffer, Count * RowBytes, PadValue);
            }

            for (int group = 0; group < Groups; group++)
            {
                byte[] header = w.Read(at, HeaderBytes);
                int lanes = BitConverter.ToInt32(header, 8);
                ReadLanes(header, lanes);
                Unpack(w, at + HeaderBytes, taps, lanes, t);
                at += HeaderBytes + taps * lanes;
                OverImage(a, t, BitConverter.ToInt64(header, 0), lanes, BitConverter.ToInt32(header, 12));
            }
        }

        private void ReadLanes(byte[] header, int lanes)
        {
            int at = 16;
            for (int i = 0; i < lanes; i++)
            {
                _filter[i] = BitConverter.ToInt32(header, at);
                _left[i] = BitConverter.ToInt32(header, at + 4);
                _right[i] = BitConverter.ToInt32(header, at + 8);
                _constant[i] = BitConverter.ToInt64(header, at + 16);
                _multiplier[i] = BitConverter.ToInt32(header, at + 24);
                _shiftOrLowered[i] = BitConverter.ToInt32(header, at + 28);
                at += LaneBytes;
            }
        }

        // Weights are bytes, those of a tap together.
        private void Unpack(WeightSource w, int at, int taps, int lanes, long[] t)
        {
            int[] right = _right, left = _left;
            int second = 64 - left[1] - (64 - right[1]), third = 64 - left[2] - (64 - right[2]);
            int tap = 0;
            while (tap < taps)
            {
                int count = taps - tap < PieceBytes / 3 ? taps - tap : PieceBytes / 3;
                byte[] piece = w.Read(at + tap * lanes, count * lanes);
                int i = 0;
                for (int end = tap + count; tap < end; tap++)
                {
                    long packed = (sbyte)piece[i++];
                    if (lanes > 1)
                    {
                        packed += (long)(sbyte)piece[i++] << second;
                    }

                    if (lanes > 2)
                    {
                        packed += (long)(sbyte)piece[i++] << third;
                    }

                    t[tap] = packed;
                }
            }
        }

        private void OverImage(sbyte[] a, long[] t, long start, int lanes, int channel)
        {
            int output = Output, columns = Columns, filters = Filters, stepX = StepX;
            for (int y = 0; y < Rows; y++)
            {
                int p = Image + y * StepY * RowBytes;
                if (HasPadding)
                {
                    p = Buffer;
                    WindowRows.Take(a, p, Image, y * StepY - PadTop, Count, Height, Width, PadLeft, RowBytes, PadValue);
                }

                p += channel;
                for (int x = 0; x < columns; x++)
                {
                    Pixel(a, t, start, lanes, p, output);
                    p += stepX;
                    output += filters;
                }
            }
        }

        private void Pixel(sbyte[] a, long[] t, long start, int lanes, int p, int output)
        {
            int left0 = _left[0], left1 = _left[1], left2 = _left[2];
            long best0 = 0, best1 = 0, best2 = 0;
            for (int py = 0; py < PlacesH; py++)
            {
                for (int px = 0; px < PlacesW; px++)
                {
                    long sum = Sum(a, t, p + py * PlaceRowBytes + px * PlaceBytes, start);

                    // A lane's highest bit becomes the word's: words compare as lanes do.
                    long lane = sum << left0;
                    if ((ulong)lane > (ulong)best0)
                    {
                        best0 = lane;
                    }

                    if (lanes > 1)
                    {
                        lane = sum << left1;
                        if ((ulong)lane > (ulong)best1)
                        {
                            best1 = lane;
                        }

                        lane = sum << left2;
                        if ((ulong)lane > (ulong)best2)
                        {
                            best2 = lane;
                        }
                    }
                }
            }

            a[output + _filter[0]] = ToInt8((long)((ulong)best0 >> _right[0]), 0);
            if (lanes > 1)
            {
                a[output + _filter[1]] = ToInt8((long)((ulong)best1 >> _right[1]), 1);
            }

            if (lanes > 2)
            {
                a[output + _filter[2]] = ToInt8((long)((ulong)best2 >> _right[2]), 2);
            }
        }

        private long Sum(sbyte[] a, long[] t, int p, long sum)
        {
            int k = 0, rows = TapRows, runs = Runs, taps = RunTaps, rowBytes = TapRowBytes, runBytes = RunBytes;
            for (int row = 0; row < rows; row++)
            {
                int begin = p;
                for (int run = 0; run < runs; run++)
                {
                    int i = begin;
                    for (int end = begin + taps - 3; i < end; i += 4)
                    {
                        sum += a[i] * t[k] + a[i + 1] * t[k + 1] + a[i + 2] * t[k + 2] + a[i + 3] * t[k + 3];
                        k += 4;
                    }

                    for (int end = begin + taps; i < end; i++)
                    {
                        sum += a[i] * t[k];
                        k++;
                    }

                    begin += runBytes;
                }

                p += rowBytes;
            }

            return sum;
        }

        private sbyte ToInt8(long sum, int lane)
        {
            if (!IsSolved)
            {
                return Requantizer.ToInt8((int)(sum + _constant[lane]), _multiplier[lane], _shiftOrLowered[lane], ZeroPoint, Min, Max);
            }

            long product = sum * _multiplier[lane] + _constant[lane];
            if (product < 0)
            {
                product -= (uint)_shiftOrLowered[lane];
            }

            int value = ((int)(product >> 32) + Offset) >> Shift;
            return (sbyte)(value < Min ? Min : value > Max ? Max : value);
        }
    }
}
