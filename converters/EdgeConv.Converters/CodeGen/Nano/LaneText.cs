using System.Globalization;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>Lines for sums in lanes.</summary>
internal static class LaneText
{
    // Operations and bytes of byte code, as the compiler makes them with optimization.
    /// <summary>A value of the image to a variable: array, index, offset, sum, element, to int64, store.</summary>
    public const int LoadOps = 7, LoadBytes = 12;

    /// <summary>A product: variable, constant, multiply, add.</summary>
    public const int ProductOps = 4, ProductBytes = 13;

    /// <summary>A product where the variable is an element of the image.</summary>
    public const int InlineOps = 8, InlineBytes = 14;

    /// <summary>A sum as an expression: start + x1 * weights + ...</summary>
    /// <param name="start">Its beginning; 0 is left out.</param>
    /// <param name="terms">Variables and their weights; weights of 0 are left out.</param>
    /// <param name="isLong">Whether the numbers are of int64.</param>
    public static string Sum(long start, IEnumerable<(string Variable, long Weight)> terms, bool isLong)
    {
        List<string> parts = [.. terms.Where(term => term.Weight != 0).Select(term => $"{term.Variable} * {Constant(term.Weight)}")];
        if (start != 0 || parts.Count == 0)
        {
            parts.Insert(0, Constant(start));
        }

        return string.Join("\n    + ", parts.Chunk(4).Select(line => string.Join(" + ", line)));

        string Constant(long value) => isLong ? NanoText.Number(value) : NanoText.Number((int)value);
    }

    /// <summary>The lines that take a group's sums to bytes.</summary>
    /// <param name="sums">Of the layer.</param>
    /// <param name="group">The group.</param>
    /// <param name="places">An expression for each place of a pooling's window, of type long.</param>
    /// <param name="to">The element for a filter.</param>
    public static string Store(NanoSums sums, LaneGroup group, IReadOnlyList<string> places, Func<int, string> to)
    {
        List<string> lines = [];
        foreach (Lane lane in group.Lanes)
        {
            bool isTop = lane == group.Lanes[^1];
            if (places.Count == 1)
            {
                string shifted = lane.Shift == 0 ? places[0] : isTop ? $"(long)((ulong){places[0]} >> {lane.Shift})" : $"({places[0]} >> {lane.Shift})";
                string value = isTop ? shifted : string.Create(CultureInfo.InvariantCulture, $"({shifted} & {(1L << lane.Bits) - 1}L)");
                lines.Add(sums.Store(lane.Filter, value, lane.Least, to(lane.Filter)));
                continue;
            }

            // The lane's highest bit becomes the word's, so that words compare as lanes do; what lies below decides between equals, who are the same.
            int left = 64 - lane.Shift - lane.Bits;
            string Lane(string place) => left == 0 ? place : $"{place} << {left}";
            lines.Add($"m = {Lane(places[0])};");
            lines.AddRange(places.Skip(1).Select(place => $"n = {Lane(place)};\nif ((ulong)n > (ulong)m) m = n;"));
            lines.Add(sums.Store(lane.Filter, lane.Bits == 64 ? "m" : $"(long)((ulong)m >> {64 - lane.Bits})", lane.Least, to(lane.Filter)));
        }

        return string.Join('\n', lines);
    }

    /// <summary>Operations of <see cref="Store"/>.</summary>
    public static long StoreOps(NanoSums sums, LaneGroup group, int places) =>
        group.Lanes.Count * (sums.StoreOps + (places == 1 ? 3 : 3 + 8L * places));

    /// <summary>Bytes of <see cref="Store"/>.</summary>
    public static int StoreBytes(NanoSums sums, LaneGroup group, int places) =>
        group.Lanes.Count * (sums.StoreBytes + (places == 1 ? 12 : 6 + 18 * places));
}
