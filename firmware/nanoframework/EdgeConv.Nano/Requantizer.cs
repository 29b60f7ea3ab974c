namespace EdgeConv.Nano
{
    /// <summary>Int32 accumulator to int8, byte for byte as every other EdgeConv runtime does it (QUANTIZATION.md, section 2).</summary>
    public static class Requantizer
    {
        /// <summary>accumulator * multiplier / 2^31 * 2^shift, rounded twice: to the high half of the product, then ties away from zero.</summary>
        /// <param name="accumulator">Sum of products, bias included.</param>
        /// <param name="multiplier">Q0.31: 0, or from 2^30 up.</param>
        /// <param name="shift">-31 to 30, positive is left.</param>
        public static int Scale(int accumulator, int multiplier, int shift)
        {
            if (shift > 0)
            {
                accumulator <<= shift;
            }

            int high = (int)(((long)accumulator * multiplier + (1L << 30)) >> 31);
            return shift < 0 ? ShiftRight(high, -shift) : high;
        }

        /// <summary>x / 2^bits, ties away from zero.</summary>
        /// <param name="x">Any.</param>
        /// <param name="bits">0 to 31.</param>
        public static int ShiftRight(int x, int bits)
        {
            int mask = (int)((1L << bits) - 1);
            int threshold = x < 0 ? (mask >> 1) + 1 : mask >> 1;
            int floor = x >> bits;
            return (x & mask) > threshold ? floor + 1 : floor;
        }

        /// <summary>The whole rule: scale, add the output zero point, clamp to the fused activation's range.</summary>
        public static sbyte ToInt8(int accumulator, int multiplier, int shift, int outputZeroPoint, int min, int max)
        {
            int value = Scale(accumulator, multiplier, shift) + outputZeroPoint;
            return (sbyte)(value < min ? min : value > max ? max : value);
        }
    }
}
