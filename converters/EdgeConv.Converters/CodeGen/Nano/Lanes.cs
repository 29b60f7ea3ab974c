using System.Numerics;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>A filter's place in a sum of 64 bits.</summary>
/// <param name="Filter">Its index.</param>
/// <param name="Shift">The lane's lowest bit.</param>
/// <param name="Bits">The lane's width.</param>
/// <param name="Least">The smallest sum that its weights can give; taken off, so that a lane never borrows from the one above.</param>
/// <param name="Most">The largest.</param>
internal sealed record Lane(int Filter, int Shift, int Bits, long Least, long Most)
{
    /// <summary>What the lane can hold at most.</summary>
    public long Range => Most - Least;
}

/// <summary>
/// Filters whose sums are computed in one int64: a product with the weights side by side is a product for each. Their final sums, less their
/// least, are proven to fit their lanes; what happens on the way does not matter, since arithmetic modulo 2^64 forgets it.
/// </summary>
/// <param name="Lanes">From the lowest bits up.</param>
internal sealed record LaneGroup(IReadOnlyList<Lane> Lanes)
{
    /// <summary>What the sum begins with.</summary>
    public long Start => Lanes.Aggregate(0L, (sum, lane) => unchecked(sum - (lane.Least << lane.Shift)));

    /// <summary>Weights side by side.</summary>
    /// <param name="weight">Of a filter.</param>
    public long Packed(Func<int, int> weight) => Lanes.Aggregate(0L, (sum, lane) => unchecked(sum + ((long)weight(lane.Filter) << lane.Shift)));

    /// <summary>Packs filters, the widest first, each in the first group that has room.</summary>
    /// <param name="filters">Index, and between what its sums of bytes times weights lie.</param>
    /// <param name="most">Filters of a group at most.</param>
    public static IReadOnlyList<LaneGroup> Pack(IReadOnlyList<(int Filter, long Least, long Most)> filters, int most)
    {
        List<List<Lane>> groups = [];
        foreach ((int filter, long least, long largest) in filters.OrderByDescending(f => Width(f.Most - f.Least)).ThenBy(f => f.Filter))
        {
            int bits = Width(largest - least);
            List<Lane>? group = groups.Find(lanes => lanes.Count < most && lanes.Sum(lane => lane.Bits) + bits <= 64);
            if (group is null)
            {
                groups.Add(group = []);
            }

            group.Add(new Lane(filter, group.Sum(lane => lane.Bits), bits, least, largest));
        }

        return [.. groups.Select(lanes => new LaneGroup(lanes))];
    }

    private static int Width(long range) => Math.Max(1, 64 - BitOperations.LeadingZeroCount((ulong)range));
}
