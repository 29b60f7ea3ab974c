using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>
/// Convolutions without a loop inside a pixel: the values that its windows see become variables, every weight a constant. All places of a
/// pooling's window are computed side by side, so that values they share are read once and the largest sum alone is requantized.
/// </summary>
internal sealed class PatchConvolution
{
    /// <summary>Bytes of a method's byte code at most, with room for what the estimate misses below the 32 KB of the runtime.</summary>
    public const int MaxMethodBytes = 26_000;

    // Variables of a method for values, and in all: the runtime has room for 255.
    private const int MaxValues = 220, MaxLocals = 250, OtherLocals = 6;

    private readonly NanoModel _model;
    private readonly Conv2DOp _op;
    private readonly NanoSums _sums;
    private readonly NanoWindow _window;
    private readonly List<Method> _methods = [];

    private PatchConvolution(NanoModel model, Conv2DOp op)
    {
        (_model, _op, _sums, _window) = (model, op, model.Sums(op), new NanoWindow(model, op));
        int share = _sums.Filters / op.Groups;
        foreach (int group in Enumerable.Range(0, op.Groups))
        {
            foreach (LaneGroup lanes in _sums.Groups(group * share, share, share))
            {
                Unit unit = new(lanes, group * _window.Depth);
                if (_methods.Count == 0 || !_methods[^1].Takes(this, unit))
                {
                    _methods.Add(new Method());
                }

                _methods[^1].Add(this, unit);
            }
        }
    }

    /// <summary>The form, or null where a window has more values than a method may have variables.</summary>
    public static NanoForm? Form(NanoModel model, Conv2DOp op)
    {
        PatchConvolution layer = new(model, op);
        return layer._methods.Any(m => m.Values.Count > layer.MostValues || m.Bytes(layer) > MaxMethodBytes) ? null : layer.Form();
    }

    /// <summary>Variables that the sums, one for each place of a pooling's window, leave to values.</summary>
    private int MostValues => Math.Min(MaxValues, MaxLocals - OtherLocals - _window.Places.Count);

    private NanoForm Form()
    {
        int lanes = _methods.SelectMany(m => m.Units).Max(unit => unit.Lanes.Lanes.Count);
        return new(lanes == 1 ? "straight code" : $"straight code, {lanes} filters a product")
        {
            IsConstant = true,
            CodeBytes = _methods.Sum(m => m.Bytes(this)) + 150,
            ScratchBytes = _window.BufferBytes,
            Locals = _methods.Max(m => m.Values.Count) + _window.Places.Count + OtherLocals,
            Operations = _window.WalkOps + (long)_window.Rows * _window.Columns * _methods.Sum(m => m.Operations(this)),
            Below = _window.Below,
            Write = (text, _) => Write(text),
        };
    }

    private void Write(NanoText text)
    {
        string name = _model.Name(_op);
        foreach ((int i, Method method) in _methods.Index())
        {
            text.Add($"private static void {name}_{i}(sbyte[] a, int p, int o)\n{{", 2);
            method.Write(this, text);
            text.Add("}\n", 2);
        }

        _window.Write(text, string.Join('\n', _methods.Select((_, i) => $"{name}_{i}(a, p, o);")));
    }

    /// <summary>The taps of a unit that have a weight, at a place: where the value lies, and the weights side by side.</summary>
    private IEnumerable<(int Offset, long Weight)> Terms(Unit unit, int place) => Enumerable.Range(0, _window.Taps.Count)
        .Select(tap => (Offset: _window.Taps[tap] + place + unit.Channel, Weight: unit.Lanes.Packed(filter => _sums.Weight(filter, tap))))
        .Where(term => term.Weight != 0);

    /// <summary>Filters that are computed together, and the first channel that they see.</summary>
    private sealed record Unit(LaneGroup Lanes, int Channel)
    {
        /// <summary>A filter of its own, whose sums fit int32.</summary>
        public bool IsInt => Lanes.Lanes.Count == 1 && Lanes.Lanes[0].Least >= int.MinValue && Lanes.Lanes[0].Most <= int.MaxValue;
    }

    /// <summary>Units that read the same values.</summary>
    private sealed class Method
    {
        public List<Unit> Units { get; } = [];

        /// <summary>Offsets of the values, and how often each is used.</summary>
        public SortedDictionary<int, int> Values { get; } = [];

        private bool IsLong => Units.Any(unit => !unit.IsInt);

        // A value that is used once needs no variable.
        private bool IsInline => Values.Values.All(uses => uses == 1);

        public bool Takes(PatchConvolution layer, Unit unit) => Bytes(layer) + UnitBytes(layer, unit) + 500 <= MaxMethodBytes
            && (unit.Channel == Units[^1].Channel || Values.Count + layer._window.Taps.Count * layer._window.Places.Count <= layer.MostValues);

        public void Add(PatchConvolution layer, Unit unit)
        {
            Units.Add(unit);
            foreach ((int offset, _) in layer._window.Places.SelectMany(place => layer.Terms(unit, place)))
            {
                Values[offset] = Values.GetValueOrDefault(offset) + 1;
            }
        }

        public int Bytes(PatchConvolution layer) => Values.Count * LaneText.LoadBytes + Units.Sum(unit => UnitBytes(layer, unit));

        public long Operations(PatchConvolution layer)
        {
            int uses = Values.Values.Sum();
            long stores = Units.Sum(unit => LaneText.StoreOps(layer._sums, unit.Lanes, layer._window.Places.Count) + 2L * layer._window.Places.Count);
            return 5 + stores + (IsInline ? (long)uses * LaneText.InlineOps : (long)Values.Count * LaneText.LoadOps + (long)uses * LaneText.ProductOps);
        }

        public void Write(PatchConvolution layer, NanoText text)
        {
            (bool isLong, bool isInline) = (IsLong, IsInline);
            Dictionary<int, string> values = Values.Keys.Index().ToDictionary(v => v.Item, v => isInline ? $"a[{NanoText.Plus("p", v.Item)}]" : $"x{v.Index}");
            string type = isLong ? "long" : "int";
            if (!isInline)
            {
                text.Add($"{type}\n{NanoText.Filled(values.Select(v => $"{v.Value} = a[{NanoText.Plus("p", v.Key)}]"), "    ")[..^1]};", 3);
            }

            string[] sums = [.. layer._window.Places.Select((_, i) => $"s{i}")];
            text.Add($"{type} {string.Join(", ", sums)};\nlong m{(layer._window.Places.Count > 1 && isLong ? ", n" : "")};\nint r;", 3);
            foreach (Unit unit in Units)
            {
                bool isInt = unit.IsInt && !isLong;
                foreach ((int i, int place) in layer._window.Places.Index())
                {
                    text.Add($"{sums[i]} = {LaneText.Sum(isInt ? 0 : unit.Lanes.Start, layer.Terms(unit, place).Select(term => (values[term.Offset], term.Weight)), !isInt)};", 3);
                }

                if (isInt)
                {
                    foreach (string other in sums.Skip(1))
                    {
                        text.Add($"if ({other} > s0) s0 = {other};", 3);
                    }

                    int filter = unit.Lanes.Lanes[0].Filter;
                    text.Add(layer._sums.Store(filter, "s0", 0, $"a[{NanoText.Plus("o", filter)}]"), 3);
                    continue;
                }

                text.Add(LaneText.Store(layer._sums, unit.Lanes, sums, filter => $"a[{NanoText.Plus("o", filter)}]"), 3);
            }
        }

        private static int UnitBytes(PatchConvolution layer, Unit unit) => LaneText.StoreBytes(layer._sums, unit.Lanes, layer._window.Places.Count)
            + layer._window.Places.Count * (layer._window.Taps.Count * LaneText.ProductBytes + 12);
    }
}
