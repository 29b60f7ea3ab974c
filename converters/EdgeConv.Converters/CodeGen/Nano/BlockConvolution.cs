using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>Convolutions as straight code that is run for one place of a pooling's window after the other: less code, values read more often.</summary>
internal sealed class BlockConvolution
{
    /// <summary>Places of a pooling's window at most: each is a variable of a method that has room for 255, and a call for every pixel.</summary>
    private const int MaxPlaces = 64;

    private readonly NanoModel _model;
    private readonly Conv2DOp _op;
    private readonly NanoSums _sums;
    private readonly NanoWindow _window;
    private readonly List<LaneGroup> _groups = [];
    private readonly List<BlockSums> _blocks = [];

    private BlockConvolution(NanoModel model, Conv2DOp op)
    {
        (_model, _op, _sums, _window) = (model, op, model.Sums(op), new NanoWindow(model, op));
        int share = _sums.Filters / op.Groups;
        foreach (int group in Enumerable.Range(0, op.Groups))
        {
            IReadOnlyList<LaneGroup> lanes = _sums.Groups(group * share, share, share);
            string name = op.Groups == 1 ? model.Name(op) : $"{model.Name(op)}_g{group}";
            _blocks.Add(new(name, [.. _window.Taps.Select(tap => tap + group * _window.Depth)], lanes,
                (of, tap) => of.Packed(filter => _sums.Weight(filter, tap)), _groups.Count));
            _groups.AddRange(lanes);
        }
    }

    /// <summary>The form, or null where a pooling has too many places.</summary>
    public static NanoForm? Form(NanoModel model, Conv2DOp op) => op.Pool.KernelH * op.Pool.KernelW > MaxPlaces ? null : new BlockConvolution(model, op).Form();

    private NanoForm Form()
    {
        int lanes = _groups.Max(group => group.Lanes.Count), places = _window.Places.Count;
        long pixel = places * _blocks.Sum(block => block.Operations) + _groups.Sum(group => LaneText.StoreOps(_sums, group, places) + 4L * places);
        return new(lanes == 1 ? "straight code place by place" : $"straight code place by place, {lanes} filters a product")
        {
            IsConstant = true,
            CodeBytes = _blocks.Sum(block => block.CodeBytes) + _groups.Sum(group => LaneText.StoreBytes(_sums, group, places)) + 300,
            ScratchBytes = _window.BufferBytes,
            Sums = _groups.Count * places,
            Locals = Math.Max(_blocks.Max(block => block.Locals), places + 3),
            Operations = _window.WalkOps + (long)_window.Rows * _window.Columns * pixel,
            Below = _window.Below,
            Write = (text, _) => Write(text),
        };
    }

    private void Write(NanoText text)
    {
        foreach (BlockSums block in _blocks)
        {
            block.Write(text);
        }

        string name = _model.Name(_op);
        int stores = SumStores.Write(text, name, _sums, _groups, _window.Places.Count);
        IEnumerable<string> sums = _window.Places.SelectMany((place, i) => _blocks.Select(block => block.Calls(NanoText.Plus("p", place), i * _groups.Count)));
        _window.Write(text, string.Join('\n', sums.Concat(Enumerable.Range(0, stores).Select(i => $"{name}_Store{i}(a, o, t);"))));
    }
}

/// <summary>Methods that take an array of sums to bytes.</summary>
internal static class SumStores
{
    /// <summary>Writes NAME_Store0 and so on, and says how many.</summary>
    /// <param name="text">Gets them.</param>
    /// <param name="name">Of the layer.</param>
    /// <param name="sums">The filters.</param>
    /// <param name="groups">Each has an element of the array; all of a place lie together.</param>
    /// <param name="places">Places of a pooling's window.</param>
    public static int Write(NanoText text, string name, NanoSums sums, IReadOnlyList<LaneGroup> groups, int places)
    {
        int most = Math.Max(1, PatchConvolution.MaxMethodBytes / (groups.Max(group => LaneText.StoreBytes(sums, group, places)) + 10 * places)), methods = 0;
        foreach ((int, LaneGroup)[] part in groups.Index().Chunk(most))
        {
            text.Add($"private static void {name}_Store{methods++}(sbyte[] a, int o, long[] t)\n{{\n    long {(places > 1 ? "m, n" : "m")};\n    int r;", 2);
            string[] names = [.. Enumerable.Range(0, places).Select(i => $"s{i}")];
            text.Add($"long {string.Join(", ", names)};", 3);
            foreach ((int i, LaneGroup group) in part)
            {
                text.Add(string.Join('\n', names.Select((s, place) => $"{s} = t[{place * groups.Count + i}];")), 3);
                text.Add(LaneText.Store(sums, group, names, filter => $"a[{NanoText.Plus("o", filter)}]"), 3);
            }

            text.Add("}\n", 2);
        }

        return methods;
    }
}
