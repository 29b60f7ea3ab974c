using EdgeConv.Runtime.Kernels.Vector;

namespace EdgeConv.Runtime.Tests;

/// <summary>Taps of a depthwise panel that are summed in int16.</summary>
public sealed class TapGroupTests
{
    private const int Seed = 12;
    private const int Taps = 9;

    [Fact]
    public void A_group_fits_int16_for_every_input_and_no_better_grouping_is_missed()
    {
        var random = new Random(Seed);
        var seen = new HashSet<TapGrouping>();
        for (int i = 0; i < 3000; i++)
        {
            int reach = random.Next(40, 129), channels = random.Next(1, 17);
            sbyte[] filters = [.. Enumerable.Range(0, channels * Taps).Select(_ => (sbyte)Math.Min(127, random.Next(-reach, reach + 1)))];
            int[] order = new int[Taps];
            TapGrouping grouping = TapGroups.Choose(filters, order);
            seen.Add(grouping);
            Assert.Equal(Enumerable.Range(0, Taps), order.Order());
            int at = 0;
            foreach (int size in Sizes(grouping))
            {
                Assert.True(Fits(filters, order[at..(at + size)]), $"seed {Seed}, filters {i}, {grouping}, group at {at}");
                at += size;
            }

            if (grouping != TapGrouping.Triples)
            {
                Assert.False(AnyTriples(filters), $"seed {Seed}, filters {i}: {grouping}, but three triples fit");
            }
        }

        Assert.Equal([TapGrouping.Pairs, TapGrouping.OneTriple, TapGrouping.Triples], seen.Order());
    }

    [Fact]
    public void Two_weights_of_minus_128_are_never_summed()
    {
        int[] order = new int[Taps];
        Assert.Equal(TapGrouping.Single, TapGroups.Choose(Enumerable.Repeat((sbyte)-128, Taps).ToArray(), order));

        // two of them far apart in a filter of zeros: there is room for both
        sbyte[] filter = [-128, 0, 0, 0, -128, 0, 0, 0, 0];
        Assert.Equal(TapGrouping.Triples, TapGroups.Choose(filter, order));
        Assert.NotEqual(Array.IndexOf(order, 0) / 3, Array.IndexOf(order, 4) / 3);
    }

    private static int[] Sizes(TapGrouping grouping) => grouping switch
    {
        TapGrouping.Triples => [3, 3, 3],
        TapGrouping.OneTriple => [2, 2, 2, 3],
        TapGrouping.Pairs => [1, 2, 2, 2, 2],
        _ => [1, 1, 1, 1, 1, 1, 1, 1, 1],
    };

    /// <summary>Tried with the inputs that suit each channel best, and worst.</summary>
    private static bool Fits(sbyte[] filters, int[] taps) => filters.Chunk(Taps).All(filter =>
        taps.Sum(t => filter[t] * (filter[t] > 0 ? 127 : -128)) <= short.MaxValue && taps.Sum(t => filter[t] * (filter[t] > 0 ? -128 : 127)) >= short.MinValue);

    private static bool AnyTriples(sbyte[] filters)
    {
        for (int a = 1; a < Taps; a++)
        {
            for (int b = a + 1; b < Taps; b++)
            {
                int[] rest = [.. Enumerable.Range(1, Taps - 1).Where(t => t != a && t != b)];
                for (int c = 1; Fits(filters, [0, a, b]) && c < rest.Length; c++)
                {
                    for (int d = c + 1; d < rest.Length; d++)
                    {
                        int[] second = [rest[0], rest[c], rest[d]];
                        if (Fits(filters, second) && Fits(filters, [.. rest.Except(second)]))
                        {
                            return true;
                        }
                    }
                }
            }
        }

        return false;
    }
}
