namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>
/// Sums without a loop for windows with more values than a method may have variables: the values are taken in blocks, each of them adds its part
/// to sums in an array.
/// </summary>
internal sealed class BlockSums
{
    private const int MaxValues = 200, SumOps = 9, SumBytes = 16;

    private readonly string _name;
    private readonly IReadOnlyList<int> _taps;
    private readonly Func<LaneGroup, int, long> _weight;
    private readonly IReadOnlyList<LaneGroup> _groups;
    private readonly int _first;
    private readonly List<(int Begin, int End, int From, int To)> _methods = [];

    /// <param name="name">Before the methods' names.</param>
    /// <param name="taps">Where the values lie from p on.</param>
    /// <param name="groups">Of filters; each has an element of the array.</param>
    /// <param name="weight">Weights side by side of a group at a tap.</param>
    /// <param name="first">The first group's element.</param>
    public BlockSums(string name, IReadOnlyList<int> taps, IReadOnlyList<LaneGroup> groups, Func<LaneGroup, int, long> weight, int first)
    {
        (_name, _taps, _groups, _weight, _first) = (name, taps, groups, weight, first);
        int blocks = (taps.Count + MaxValues - 1) / MaxValues;
        foreach (int block in Enumerable.Range(0, blocks))
        {
            (int begin, int end) = (taps.Count * block / blocks, taps.Count * (block + 1) / blocks);
            int most = Math.Max(1, (PatchConvolution.MaxMethodBytes - (end - begin) * LaneText.LoadBytes) / ((end - begin) * LaneText.ProductBytes + SumBytes));
            int methods = (groups.Count + most - 1) / most;
            _methods.AddRange(Enumerable.Range(0, methods).Select(m => (begin, end, groups.Count * m / methods, groups.Count * (m + 1) / methods)));
        }
    }

    /// <summary>Bytes of byte code.</summary>
    public int CodeBytes => _methods.Sum(m => (m.End - m.Begin) * (LaneText.LoadBytes + (m.To - m.From) * LaneText.ProductBytes) + (m.To - m.From) * SumBytes + 10);

    /// <summary>Operations for one place of the window.</summary>
    public long Operations => _methods.Sum(m => 8L + (m.End - m.Begin) * LaneText.LoadOps + (m.To - m.From) * SumOps)
        + LaneText.ProductOps * (long)_groups.Sum(group => Enumerable.Range(0, _taps.Count).Count(tap => _weight(group, tap) != 0));

    /// <summary>Variables of the largest method.</summary>
    public int Locals => _methods.Max(m => m.End - m.Begin) + 4;

    /// <summary>Writes the methods.</summary>
    public void Write(NanoText text)
    {
        foreach ((int i, (int begin, int end, int from, int to)) in _methods.Index())
        {
            text.Add($"private static void {_name}_{i}(sbyte[] a, int p, long[] t, int i)\n{{", 2);
            text.Add($"long\n{NanoText.Filled(Enumerable.Range(begin, end - begin).Select(tap => $"x{tap - begin} = a[{NanoText.Plus("p", _taps[tap])}]"), "    ")[..^1]};", 3);
            for (int group = from; group < to; group++)
            {
                string element = $"t[{NanoText.Plus("i", _first + group)}]";
                string sum = LaneText.Sum(begin == 0 ? _groups[group].Start : 0,
                    Enumerable.Range(begin, end - begin).Select(tap => ($"x{tap - begin}", _weight(_groups[group], tap))), isLong: true);
                text.Add($"{element} = {(begin == 0 ? "" : $"{element} + ")}{sum};", 3);
            }

            text.Add("}\n", 2);
        }
    }

    /// <summary>The lines that call them.</summary>
    /// <param name="at">Where the window begins.</param>
    /// <param name="element">Added to the array's elements.</param>
    public string Calls(string at, int element) => string.Join('\n', _methods.Select((_, i) => $"{_name}_{i}(a, {at}, t, {element});"));
}
