namespace EdgeConv.Converters.CodeGen;

/// <summary>How the filters of a layer are done together: in fours, and what is left over in one block.</summary>
/// <param name="filters">Of a group.</param>
internal sealed class FilterBlocks(int filters)
{
    private const int Most = 4;

    /// <summary>Filters of a group.</summary>
    public int Filters => filters;

    /// <summary>Blocks of one size, one run after the other: the first filter, filters a block, blocks.</summary>
    public IReadOnlyList<(int First, int Size, int Count)> Runs { get; } = [.. Split(filters)];

    /// <summary>The sizes that there are.</summary>
    public IEnumerable<int> Sizes => Runs.Select(run => run.Size);

    /// <summary>Weights as the blocks read them: [group][block][tap][filter of the block].</summary>
    /// <param name="weights">[filter][tap].</param>
    /// <param name="groups">Of filters.</param>
    /// <param name="taps">Weights a filter.</param>
    /// <param name="isPacked">int4: two filters a byte.</param>
    public List<sbyte> Arrange(ReadOnlySpan<sbyte> weights, int groups, int taps, bool isPacked = false)
    {
        List<sbyte> arranged = [];
        for (int group = 0; group < groups; group++)
        {
            foreach ((int first, int size, int count) in Runs)
            {
                for (int filter = group * filters + first; filter < group * filters + first + size * count; filter += size)
                {
                    for (int tap = 0; tap < taps; tap++)
                    {
                        sbyte[] side = new sbyte[size];
                        for (int i = 0; i < size; i++)
                        {
                            side[i] = weights[(filter + i) * taps + tap];
                        }

                        arranged.AddRange(isPacked ? PackedWeights.Pack(side) : side);
                    }
                }
            }
        }

        return arranged;
    }

    private static IEnumerable<(int First, int Size, int Count)> Split(int filters)
    {
        (int fours, int left) = Math.DivRem(filters, Most);
        if (fours > 0)
        {
            yield return (0, Most, fours);
        }

        if (left > 0)
        {
            yield return (fours * Most, left, 1);
        }
    }
}
