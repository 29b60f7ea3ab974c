using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>Fully connected layers.</summary>
internal static class FullyConnectedForms
{
    private const int MaxValues = 220, RowOps = 30, RowProductOps = 6, RowLoadOps = 8, RowProductBytes = 9, StoreNumbers = 7;

    /// <summary>Weights as constants.</summary>
    public static NanoForm Straight(NanoModel model, FullyConnectedOp op)
    {
        NanoSums sums = model.Sums(op);
        IReadOnlyList<LaneGroup> groups = sums.Groups(0, sums.Filters, sums.Filters);
        BlockSums block = new(model.Name(op), [.. Enumerable.Range(0, sums.Taps)], groups, (of, tap) => of.Packed(filter => sums.Weight(filter, tap)), 0);
        int rows = RowCount(model, op);
        return new($"straight code, {groups.Max(group => group.Lanes.Count)} filters a product")
        {
            IsConstant = true,
            CodeBytes = block.CodeBytes + groups.Sum(group => LaneText.StoreBytes(sums, group, 1)) + 100,
            Sums = groups.Count,
            Locals = block.Locals,
            Operations = rows * (20 + block.Operations + groups.Sum(group => LaneText.StoreOps(sums, group, 1) + 4)),
            Write = (text, _) =>
            {
                block.Write(text);
                int stores = SumStores.Write(text, model.Name(op), sums, groups, 1);
                Layer(model, op, text, sums, $"{block.Calls("p", 0)}\n{string.Join('\n', Enumerable.Range(0, stores).Select(i => $"{model.Name(op)}_Store{i}(a, o, t);"))}");
            },
        };
    }

    /// <summary>
    /// Weights read from flash, a row of one output at a time, with the inputs as variables: no code grows with the outputs. Weights are
    /// there as bytes, 128 more than they are; what that adds to each sum is taken off.
    /// </summary>
    public static NanoForm Rows(NanoModel model, FullyConnectedOp op, NanoSums sums)
    {
        int blocks = (sums.Taps + MaxValues - 1) / MaxValues, most = (sums.Taps + blocks - 1) / blocks;
        (int Begin, int End)[] parts = [.. Enumerable.Range(0, blocks).Select(b => (sums.Taps * b / blocks, sums.Taps * (b + 1) / blocks))];
        long operations = (long)sums.Filters * (sums.Taps * RowProductOps + blocks * RowOps) + sums.Taps * RowLoadOps + sums.Filters * 60L;
        return new("weights from flash, a row at a time")
        {
            CodeBytes = sums.Taps * (12 + 8 + RowProductBytes) + 300,
            BlobBytes = sums.Filters * (sums.Taps + 16),
            Sums = sums.Filters,
            Numbers = blocks + StoreNumbers,
            Locals = most + 6,
            ChunkBytes = Math.Max(most, sums.Filters * 16),
            Operations = RowCount(model, op) * operations,
            Write = (text, blob) => Write(model, op, sums, parts, text, blob),
        };
    }

    /// <summary>Whether weights are bytes when 128 is added, which a zero point of their own may prevent.</summary>
    public static bool HasByteWeights(NanoSums sums) => Enumerable.Range(0, sums.Filters)
        .All(filter => Enumerable.Range(0, sums.Taps).All(tap => sums.Weight(filter, tap) is >= sbyte.MinValue and <= sbyte.MaxValue));

    private static void Write(NanoModel model, FullyConnectedOp op, NanoSums sums, (int Begin, int End)[] parts, NanoText text, NanoBlob blob)
    {
        string name = model.Name(op);
        foreach ((int i, (int begin, int end)) in parts.Index())
        {
            int count = end - begin, first = blob.Length;
            AddWeights(blob, sums, begin, end);
            text.Add($"private static void {name}_{i}(sbyte[] a, int p, WeightSource w, long[] t)\n{{", 2);
            text.Add($"int\n{NanoText.Filled(Enumerable.Range(0, count).Select(tap => $"x{tap} = a[{NanoText.Plus("p", begin + tap)}]"), "    ")[..^1]};", 3);
            text.Add($"int less = ({Joined(Enumerable.Range(0, count).Select(tap => $"x{tap}"), 16)}) * 128;", 3);
            text.Add($"int at = {blob.Number(first)};\nfor (int i = 0; i < {sums.Filters}; i++)\n{{\n    byte[] row = w.Read(at, {count});", 3);
            string sum = $"({Joined(Enumerable.Range(0, count).Select(tap => $"x{tap} * row[{tap}]"), 8)}) - less";
            text.Add($"    t[i] = {(i == 0 ? sum : $"t[i] + ({sum})")};\n    at += {count};\n}}", 3).Add("}\n", 2);
        }

        Layer(model, op, text, sums, string.Join('\n', parts.Select((_, i) => $"{name}_{i}(a, p, w, t);")) + $"\n{Store(blob, sums)}");

        static string Joined(IEnumerable<string> terms, int line) => string.Join("\n    + ", terms.Chunk(line).Select(part => string.Join(" + ", part)));
    }

    /// <summary>Rows of weights, 128 added.</summary>
    public static void AddWeights(NanoBlob blob, NanoSums sums, int begin, int end)
    {
        for (int filter = 0; filter < sums.Filters; filter++)
        {
            for (int tap = begin; tap < end; tap++)
            {
                blob.Add((byte)(sums.Weight(filter, tap) + 128));
            }
        }
    }

    /// <summary>Writes the filters' records and gives the line that takes t to bytes.</summary>
    public static string Store(NanoBlob blob, NanoSums sums)
    {
        int records = blob.Length;
        for (int filter = 0; filter < sums.Filters; filter++)
        {
            sums.WriteRecord(blob, filter, 0);
        }

        if (blob is NanoSlot slot)
        {
            int first = slot.AddNumbers(records, sums.Scale is null ? 0 : 1, sums.Scale?.Shift ?? 0, sums.Scale?.Offset ?? 0, sums.ZeroPoint, sums.Min, sums.Max);
            return $"OutputScales.StoreByNumbers(a, o, t, {sums.Filters}, w, {first});";
        }

        string read = $"w.Read({records}, {sums.Filters * 16}), 0";
        return sums.Scale is { } scale
            ? $"OutputScales.Store(a, o, t, {sums.Filters}, {read}, {scale.Shift}, {scale.Offset}, {sums.Min}, {sums.Max});"
            : $"OutputScales.StoreTwice(a, o, t, {sums.Filters}, {read}, {sums.ZeroPoint}, {sums.Min}, {sums.Max});";
    }

    /// <summary>The layer's method: what is done for each row of inputs, at a[p], to a[o].</summary>
    public static void Layer(NanoModel model, FullyConnectedOp op, NanoText text, NanoSums sums, string row)
    {
        text.Add($"private static void {model.Name(op)}(sbyte[] a, WeightSource w, long[] t)\n{{", 2);
        text.Add($"int p = {model.At(op.Input)}, o = {model.At(op.Output)};", 3);
        if (RowCount(model, op) == 1)
        {
            text.Add(row, 3);
        }
        else
        {
            text.Add($"for (int y = 0; y < {RowCount(model, op)}; y++)\n{{", 3).Add(row, 4).Add($"    p += {sums.Taps};\n    o += {sums.Filters};\n}}", 3);
        }

        text.Add("}\n", 2);
    }

    /// <summary>Rows of inputs.</summary>
    public static int RowCount(NanoModel model, FullyConnectedOp op) => model.Info(op.Output).Length / model.Sums(op).Filters;
}
