using System;

namespace EdgeConv.Nano
{
    /// <summary>Sums of a layer to int8 by a table of 16 bytes a filter, as the converter wrote it among the weights.</summary>
    public static class OutputScales
    {
        /// <summary>Bytes of the table for a filter.</summary>
        public const int RecordBytes = 16;

        /// <summary>
        /// One multiply-add and a shift, which the converter has proven to give the two roundings' byte for every sum. A record is the constant
        /// (int64), the multiplier (int32) and what is taken off a negative product (uint32).
        /// </summary>
        /// <param name="arena">Gets the bytes.</param>
        /// <param name="at">The first of them.</param>
        /// <param name="sums">A filter each.</param>
        /// <param name="count">Of filters.</param>
        /// <param name="records">Holds the records.</param>
        /// <param name="first">The first record's first byte.</param>
        /// <param name="shift">Of the product's upper half.</param>
        /// <param name="offset">Added to it before.</param>
        /// <param name="min">Lower bound.</param>
        /// <param name="max">Upper bound.</param>
        public static void Store(sbyte[] arena, int at, long[] sums, int count, byte[] records, int first, int shift, int offset, int min, int max)
        {
            for (int i = 0; i < count; i++)
            {
                long product = sums[i] * BitConverter.ToInt32(records, first + 8) + BitConverter.ToInt64(records, first);
                if (product < 0)
                {
                    product -= BitConverter.ToUInt32(records, first + 12);
                }

                int value = ((int)(product >> 32) + offset) >> shift;
                arena[at + i] = (sbyte)(value < min ? min : value > max ? max : value);
                first += RecordBytes;
            }
        }

        /// <summary>
        /// One or the other, by seven of the numbers that came with the weights: where the records begin, 1 for the multiply-add or 0, its shift
        /// and what is added before, the zero point, lower and upper bound.
        /// </summary>
        /// <param name="arena">Gets the bytes.</param>
        /// <param name="at">The first of them.</param>
        /// <param name="sums">A filter each.</param>
        /// <param name="count">Of filters.</param>
        /// <param name="w">Has numbers and records.</param>
        /// <param name="first">The first of the seven.</param>
        public static void StoreByNumbers(sbyte[] arena, int at, long[] sums, int count, WeightSource w, int first)
        {
            int[] n = w.Numbers;
            byte[] records = w.Read(n[first], count * RecordBytes);
            if (n[first + 1] != 0)
            {
                Store(arena, at, sums, count, records, 0, n[first + 2], n[first + 3], n[first + 5], n[first + 6]);
            }
            else
            {
                StoreTwice(arena, at, sums, count, records, 0, n[first + 4], n[first + 5], n[first + 6]);
            }
        }

        /// <summary>The two roundings themselves. A record is the bias (int64), the multiplier (int32) and its shift (int32).</summary>
        /// <param name="arena">Gets the bytes.</param>
        /// <param name="at">The first of them.</param>
        /// <param name="sums">A filter each.</param>
        /// <param name="count">Of filters.</param>
        /// <param name="records">Holds the records.</param>
        /// <param name="first">The first record's first byte.</param>
        /// <param name="zeroPoint">Of the output.</param>
        /// <param name="min">Lower bound.</param>
        /// <param name="max">Upper bound.</param>
        public static void StoreTwice(sbyte[] arena, int at, long[] sums, int count, byte[] records, int first, int zeroPoint, int min, int max)
        {
            for (int i = 0; i < count; i++)
            {
                arena[at + i] = Requantizer.ToInt8((int)(sums[i] + BitConverter.ToInt64(records, first)),
                    BitConverter.ToInt32(records, first + 8), BitConverter.ToInt32(records, first + 12), zeroPoint, min, max);
                first += RecordBytes;
            }
        }
    }
}
