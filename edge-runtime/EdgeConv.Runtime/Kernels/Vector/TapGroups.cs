namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>How many taps of a 3x3 panel are summed in int16 before they are widened.</summary>
internal enum TapGrouping
{
    /// <summary>Not two: every product is widened.</summary>
    Single,

    /// <summary>The first, 2, 2, 2 and 2.</summary>
    Pairs,

    /// <summary>2, 2, 2 and 3.</summary>
    OneTriple,

    /// <summary>3, 3 and 3.</summary>
    Triples,
}

/// <summary>
/// Orders the nine taps of a panel so that as many as possible are summed in int16: a group fits where, for every channel, its weights times
/// the inputs that suit them best stay inside. Three do for weights of about 85 each, or for a large one beside two small.
/// </summary>
internal static class TapGroups
{
    private const int Taps = 9;
    private const int All = (1 << Taps) - 1;

    /// <summary>The largest groups that fit, and the order of taps that makes them.</summary>
    /// <param name="filters">[channel][tap].</param>
    /// <param name="order">Nine taps; those of a group one behind the other.</param>
    public static TapGrouping Choose(ReadOnlySpan<sbyte> filters, Span<int> order)
    {
        List<int> triples = Triples(filters);
        foreach (int first in triples)
        {
            // a partition has one triple with tap 0 and, of the rest, one with its lowest tap
            if ((first & 1) == 0)
            {
                continue;
            }

            int rest = All & ~first, lowest = rest & -rest;
            foreach (int second in triples)
            {
                if ((second & ~rest) == 0 && (second & lowest) != 0 && triples.Contains(rest & ~second))
                {
                    Write(order, first, second, rest & ~second);
                    return TapGrouping.Triples;
                }
            }
        }

        foreach (int triple in triples)
        {
            Write(order, All & ~triple, triple);
            if (PairsFit(filters, order[..^3]))
            {
                return TapGrouping.OneTriple;
            }
        }

        const int Last = 1 << (Taps - 1);
        Write(order, Last, All & ~Last);
        return PairsFit(filters, order[1..]) ? TapGrouping.Pairs : TapGrouping.Single;
    }

    /// <summary>Whether the products of these taps fit int16 in every channel, whatever the input.</summary>
    public static bool Fits(ReadOnlySpan<sbyte> filters, int taps)
    {
        for (; filters.Length > 0; filters = filters[Taps..])
        {
            int positive = 0, negative = 0;
            for (int tap = 0; tap < Taps; tap++)
            {
                int weight = (taps >> tap & 1) * filters[tap];
                positive += Math.Max(weight, 0);
                negative += Math.Min(weight, 0);
            }

            if (positive * sbyte.MaxValue + negative * sbyte.MinValue > short.MaxValue || positive * sbyte.MinValue + negative * sbyte.MaxValue < short.MinValue)
            {
                return false;
            }
        }

        return true;
    }

    private static List<int> Triples(ReadOnlySpan<sbyte> filters)
    {
        var fitting = new List<int>();
        for (int taps = 0; taps <= All; taps++)
        {
            if (int.PopCount(taps) == 3 && Fits(filters, taps))
            {
                fitting.Add(taps);
            }
        }

        return fitting;
    }

    private static bool PairsFit(ReadOnlySpan<sbyte> filters, ReadOnlySpan<int> order)
    {
        for (int i = 0; i + 1 < order.Length; i += 2)
        {
            if (!Fits(filters, 1 << order[i] | 1 << order[i + 1]))
            {
                return false;
            }
        }

        return true;
    }

    private static void Write(Span<int> order, params ReadOnlySpan<int> groups)
    {
        int at = 0;
        foreach (int group in groups)
        {
            for (int rest = group; rest != 0; rest &= rest - 1)
            {
                order[at++] = int.TrailingZeroCount(rest);
            }
        }
    }
}
