namespace EdgeConv.Converters.Data;

/// <summary>Parts pictures that come without a test part: a fifth of each class, chosen by a seed, is for testing.</summary>
internal static class StratifiedSplit
{
    private const int TestShare = 5;

    /// <summary>The pictures of one part, class by class, in their own order.</summary>
    /// <param name="pictures">With their labels.</param>
    /// <param name="split">Which part.</param>
    /// <param name="seed">Chooses the test pictures.</param>
    public static IEnumerable<(string File, int Label)> Choose(IEnumerable<(string File, int Label)> pictures, Split split, int seed) =>
        pictures.GroupBy(p => p.Label).OrderBy(g => g.Key).SelectMany(g => ChooseOfClass([.. g], split, seed));

    private static IEnumerable<(string File, int Label)> ChooseOfClass((string File, int Label)[] pictures, Split split, int seed)
    {
        var order = new int[pictures.Length];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        SplitMix64.For((ulong)seed, (ulong)pictures[0].Label).Shuffle<int>(order);
        int test = pictures.Length < 2 ? 0 : Math.Max(1, pictures.Length / TestShare);
        int[] chosen = split == Split.Test ? order[..test] : order[test..];
        Array.Sort(chosen);
        return chosen.Select(i => pictures[i]);
    }
}
