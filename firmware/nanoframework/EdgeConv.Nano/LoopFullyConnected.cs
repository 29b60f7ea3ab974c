namespace EdgeConv.Nano
{
    /// <summary>A fully connected layer in loops: the weights, bytes with 128 added, are read from flash a piece of an output's row at a time.</summary>
    public static class LoopFullyConnected
    {
        /// <summary>Weights that are read at a time.</summary>
        public const int PieceBytes = 512;

        /// <summary>The sums of one row of inputs.</summary>
        /// <param name="a">Holds the inputs.</param>
        /// <param name="p">The first of them.</param>
        /// <param name="inputs">How many.</param>
        /// <param name="w">Rows of weights, one behind the other.</param>
        /// <param name="at">Where they begin.</param>
        /// <param name="t">Gets the sums.</param>
        /// <param name="outputs">How many.</param>
        public static void Sum(sbyte[] a, int p, int inputs, WeightSource w, int at, long[] t, int outputs)
        {
            int all = 0;
            for (int i = p; i < p + inputs; i++)
            {
                all += a[i];
            }

            all *= 128;
            for (int o = 0; o < outputs; o++)
            {
                int sum = -all;
                for (int first = 0; first < inputs; first += PieceBytes)
                {
                    int count = inputs - first < PieceBytes ? inputs - first : PieceBytes;
                    sum += Piece(a, p + first, w.Read(at, count), count);
                    at += count;
                }

                t[o] = sum;
            }
        }

        private static int Piece(sbyte[] a, int i, byte[] row, int count)
        {
            int sum = 0, k = 0;
            for (int end = count - 3; k < end; k += 4)
            {
                sum += a[i] * row[k] + a[i + 1] * row[k + 1] + a[i + 2] * row[k + 2] + a[i + 3] * row[k + 3];
                i += 4;
            }

            for (; k < count; k++)
            {
                sum += a[i] * row[k];
                i++;
            }

            return sum;
        }
    }
}
