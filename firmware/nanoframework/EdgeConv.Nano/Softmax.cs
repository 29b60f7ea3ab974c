namespace EdgeConv.Nano
{
    /// <summary>Softmax of int8 in integers, byte for byte as QUANTIZATION.md, section 4, defines it.</summary>
    public static class Softmax
    {
        private const int One = 1 << 29;

        // exp(-2^i) in Q0.31 for i = -2 to 4.
        private static readonly int[] _factors = new int[] { 1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242 };

        /// <summary>Rows, one behind the other.</summary>
        /// <param name="arena">Holds input and output.</param>
        /// <param name="input">Where the input begins.</param>
        /// <param name="output">Where the output begins.</param>
        /// <param name="rows">How many.</param>
        /// <param name="length">Elements of one.</param>
        /// <param name="multiplier">Q0.31, of a difference to the row's largest value.</param>
        /// <param name="leftShift">Of the difference, before.</param>
        /// <param name="diffMin">Differences below it count as none.</param>
        public static void Rows(sbyte[] arena, int input, int output, int rows, int length, int multiplier, int leftShift, int diffMin)
        {
            for (int row = 0; row < rows; row++)
            {
                Row(arena, input + row * length, output + row * length, length, multiplier, leftShift, diffMin);
            }
        }

        private static void Row(sbyte[] arena, int input, int output, int length, int multiplier, int leftShift, int diffMin)
        {
            int largest = -128;
            for (int i = 0; i < length; i++)
            {
                if (arena[input + i] > largest)
                {
                    largest = arena[input + i];
                }
            }

            int sum = 0;
            for (int i = 0; i < length; i++)
            {
                sum += ShiftRight(Exponential(arena[input + i] - largest, multiplier, leftShift, diffMin), 12);
            }

            int headroom = 0;
            while (headroom < 32 && ((uint)sum << headroom) < 0x80000000u)
            {
                headroom++;
            }

            int reciprocal = ShiftLeft(TwoOverOnePlus((int)(((uint)sum << headroom) - 0x80000000u)), 1);
            int exponent = 12 - headroom + 31 - 8;
            for (int i = 0; i < length; i++)
            {
                int exponential = Exponential(arena[input + i] - largest, multiplier, leftShift, diffMin);
                int value = exponent > 31 ? -128 : ShiftRight(MultiplyHigh(reciprocal, exponential), exponent) - 128;
                arena[output + i] = (sbyte)(value < -128 ? -128 : value > 127 ? 127 : value);
            }
        }

        // In Q0.31; 0 where the difference is below the least one that counts.
        private static int Exponential(int difference, int multiplier, int leftShift, int diffMin)
        {
            if (difference < diffMin)
            {
                return 0;
            }

            int x = MultiplyHigh(difference << leftShift, multiplier);
            if (x == 0)
            {
                return int.MaxValue;
            }

            const int Quarter = 1 << 24;
            int fraction = (x & (Quarter - 1)) - Quarter;
            int result = NearZero(fraction << 5);
            int rest = fraction - x;
            for (int i = 0; i < 7; i++)
            {
                if ((rest & (Quarter << i)) != 0)
                {
                    result = MultiplyHigh(result, _factors[i]);
                }
            }

            return result;
        }

        // Taylor's polynomial of degree 4 around -1/8.
        private static int NearZero(int a)
        {
            const int ExpOfMinusEighth = 1895147668;
            const int Third = 715827883;
            int x = a + (1 << 28);
            int x2 = MultiplyHigh(x, x);
            int x3 = MultiplyHigh(x2, x);
            int x4 = MultiplyHigh(x2, x2);
            int high = MultiplyHigh(ShiftRight(x4, 2) + x3, Third) + x2;
            return ExpOfMinusEighth + MultiplyHigh(ExpOfMinusEighth, x + ShiftRight(high, 1));
        }

        // 2 / (1 + x) in Q2.29, by three steps of Newton's method.
        private static int TwoOverOnePlus(int x)
        {
            int half = (int)(((long)x + int.MaxValue + 1) / 2);
            int y = 1515870810 + MultiplyHigh(half, -1010580540);
            for (int i = 0; i < 3; i++)
            {
                y += ShiftLeft(MultiplyHigh(y, One - MultiplyHigh(half, y)), 2);
            }

            return y;
        }

        private static int MultiplyHigh(int a, int b)
        {
            return (int)(((long)a * b + (1L << 30)) >> 31);
        }

        private static int ShiftRight(int x, int bits)
        {
            return Requantizer.ShiftRight(x, bits);
        }

        private static int ShiftLeft(int x, int bits)
        {
            long wide = (long)x << bits;
            return wide > int.MaxValue ? int.MaxValue : wide < int.MinValue ? int.MinValue : (int)wide;
        }
    }
}
