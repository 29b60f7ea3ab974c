using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace EdgeConv.Cli.Yardstick;

/// <summary>How fast one core reads memory that it read once before, with so much else in between.</summary>
internal static class ReadSpeed
{
    private const long Smallest = 4 * 1024, Largest = 256L * 1024 * 1024;
    private const double Seconds = 0.1;

    /// <summary>Bytes a second, of a block that is read over and over.</summary>
    /// <param name="bytes">Size of the block: what fits a cache is read from there.</param>
    public static double Measure(long bytes)
    {
        long[] block = new long[Math.Clamp(bytes, Smallest, Largest) / sizeof(long)];
        Array.Fill(block, 1);
        int repeats = (int)Math.Max(1, 1024 * 1024 / (block.Length * sizeof(long)));
        double best = double.MaxValue;
        long sum = 0;
        Stopwatch watch = Stopwatch.StartNew();
        for (int round = 0; round < 5 || watch.Elapsed.TotalSeconds < Seconds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < repeats; i++)
            {
                sum += Sum(block);
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        GC.KeepAlive(sum);
        return (double)block.Length * sizeof(long) * repeats / best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Sum(ReadOnlySpan<long> block)
    {
        Vector<long> a = default, b = default, c = default, d = default;
        int step = Vector<long>.Count;
        for (; block.Length >= 4 * step; block = block[(4 * step)..])
        {
            a += new Vector<long>(block);
            b += new Vector<long>(block[step..]);
            c += new Vector<long>(block[(2 * step)..]);
            d += new Vector<long>(block[(3 * step)..]);
        }

        return Vector.Sum(a + b + (c + d));
    }
}
