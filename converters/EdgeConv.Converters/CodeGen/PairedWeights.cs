namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Weights a and b of two lanes of <see cref="DotKernel"/> as one int16, 256 b + a: four bytes of them in a word, no more than they are. Exact while b's sum
/// times 256, with a's, stays inside int32.
/// </summary>
internal static class PairedWeights
{
    /// <summary>For comments and --explain.</summary>
    public const string Algorithm = "two filters in an int16";

    private const int Lanes = DotKernel.Lanes;

    /// <summary>What keeps some words from it, or null.</summary>
    /// <param name="words">[block][step][lane], two int16 each.</param>
    /// <param name="steps">Of a block.</param>
    public static string? Obstacle(ReadOnlySpan<uint> words, int steps)
    {
        for (int block = 0; block < words.Length; block += steps * Lanes)
        {
            for (int lane = 0; lane < Lanes; lane += 2)
            {
                long size = 0;
                for (int i = block + lane; i < block + steps * Lanes; i += Lanes)
                {
                    foreach ((int a, int b) in (ReadOnlySpan<(int, int)>)[(Low(words[i]), Low(words[i + 1])), (High(words[i]), High(words[i + 1]))])
                    {
                        if (256 * b + a < short.MinValue)
                        {
                            return "weights of -128";
                        }

                        size += 256 * Math.Abs(b) + Math.Abs(a);
                    }
                }

                if (128 * size > int.MaxValue)
                {
                    return "sums that can leave 24 bits";
                }
            }
        }

        return null;
    }

    /// <summary>[block][step][pair of lanes].</summary>
    public static uint[] Pack(ReadOnlySpan<uint> words)
    {
        uint[] packed = new uint[words.Length / 2];
        for (int i = 0; i < packed.Length; i++)
        {
            (uint a, uint b) = (words[2 * i], words[2 * i + 1]);
            packed[i] = (ushort)(256 * Low(b) + Low(a)) | (uint)(ushort)(256 * High(b) + High(a)) << 16;
        }

        return packed;
    }

    private static int Low(uint word) => (short)word;

    private static int High(uint word) => (short)(word >> 16);
}
