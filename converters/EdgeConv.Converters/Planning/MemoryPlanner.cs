using EdgeConv.Converters.Quantization;

namespace EdgeConv.Converters.Planning;

/// <summary>
/// Places activations in one arena so that none overlaps another while both are needed (offline, as TFLite Micro's greedy
/// planner does). Several greedy orders are tried and the smallest arena wins.
/// </summary>
public static class MemoryPlanner
{
    /// <summary>Alignment of every offset, in bytes: a vector register.</summary>
    public const int Alignment = 16;

    // Ties are broken by index, so that the plan is the same on every run.
    private static readonly Func<Lifetime, long>[] _orders =
    [
        t => -t.Bytes,
        t => -(long)t.Bytes * (t.Last - t.First + 1),
        t => t.First,
        t => -t.Last,
        t => -(t.Last - t.First),
    ];

    /// <summary>Plans a network. Reshape and tables work in place where nobody else reads their input later.</summary>
    public static MemoryPlan Plan(QuantizedGraph graph)
    {
        QuantizedValue[] values = [graph.Input, .. graph.Nodes.Select(n => n.Output)];
        Dictionary<string, int> index = values.Index().ToDictionary(v => v.Item.Name, v => v.Index);
        int[] last = [.. Enumerable.Range(-1, values.Length)];
        for (int step = 0; step < graph.Nodes.Count; step++)
        {
            foreach (string input in graph.Nodes[step].Inputs)
            {
                last[index[input]] = step;
            }
        }

        last[index[graph.Output]] = graph.Nodes.Count; // until the caller has it

        // Values that share memory are one slot, alive from the first write to the last read.
        int[] slot = new int[values.Length];
        var slots = new List<Lifetime>();
        for (int v = 0; v < values.Length; v++)
        {
            int step = v - 1;
            if (step >= 0 && graph.Nodes[step].Operation is QuantizedReshape or QuantizedTable or QuantizedWideTable or QuantizedWideSigmoid
                && index[graph.Nodes[step].Inputs[0]] is var input && last[input] == step)
            {
                slot[v] = slot[input];
                slots[slot[v]] = slots[slot[v]] with { Last = last[v] };
            }
            else
            {
                slot[v] = slots.Count;
                slots.Add(new Lifetime(values[v].ByteLength, step, last[v]));
            }
        }

        MemoryPlan plan = Plan(slots);
        return plan with { Offsets = [.. slot.Select(s => plan.Offsets[s])] };
    }

    /// <summary>Plans any set of lifetimes; offsets come in the same order.</summary>
    public static MemoryPlan Plan(IReadOnlyList<Lifetime> lifetimes) =>
        _orders.Select(order => Place(lifetimes, order)).MinBy(p => p.ArenaBytes)!;

    private static MemoryPlan Place(IReadOnlyList<Lifetime> lifetimes, Func<Lifetime, long> order)
    {
        var offsets = new int[lifetimes.Count];
        var placed = new List<int>();
        int arena = 0;
        foreach (int i in Enumerable.Range(0, lifetimes.Count).OrderBy(i => order(lifetimes[i])))
        {
            int[] inTheWay = [.. placed.Where(p => lifetimes[p].Meets(lifetimes[i])).OrderBy(p => offsets[p])];
            offsets[i] = SmallestGap(lifetimes, offsets, inTheWay, lifetimes[i].Bytes);
            placed.Add(i);
            arena = Math.Max(arena, checked(offsets[i] + Align(lifetimes[i].Bytes)));
        }

        return new MemoryPlan(offsets, arena);
    }

    // The tightest gap between the neighbours that fits, else the end.
    private static int SmallestGap(IReadOnlyList<Lifetime> lifetimes, int[] offsets, int[] inTheWay, int bytes)
    {
        int best = -1, bestGap = int.MaxValue, end = 0;
        foreach (int p in inTheWay)
        {
            int gap = offsets[p] - end;
            if (gap >= bytes && gap < bestGap)
            {
                (best, bestGap) = (end, gap);
            }

            end = Math.Max(end, checked(offsets[p] + Align(lifetimes[p].Bytes)));
        }

        return best >= 0 ? best : end;
    }

    private static int Align(int bytes) => checked(bytes + Alignment - 1) & -Alignment;
}
