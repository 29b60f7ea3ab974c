using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>Layers that the hand-written library computes: a call with the layer's numbers.</summary>
internal static class ElementForms
{
    private const int CallBytes = 80;

    /// <summary>The one form of a layer.</summary>
    /// <exception cref="CodeGenException">There is none yet; the message names the layer.</exception>
    public static NanoForm Of(NanoModel model, ModelOperator op) => op switch
    {
        MaxPoolOp o => Pool(model, o, o.Window, "Max", 16, o.Min, o.Max),
        AveragePoolOp o => Pool(model, o, o.Window, "Mean", 13, o.Min, o.Max),
        TableOp o => Table(model, o, [.. model.Model.Int8Data(o.Table)]),
        RequantizeOp o => Requantize(model, o),
        AddOp o => Add(model, o),
        MulOp o => Multiply(model, o),
        MeanOp o => Mean(model, o),
        SoftmaxOp o => Call(model, o, "fixed-point exponentials", 700,
            blob => $"Softmax.Rows(a, {model.At(o.Input)}, {model.At(o.Output)}, {model.Info(o.Output).Length / model.Info(o.Output).Shape[^1]}, "
                + $"{model.Info(o.Output).Shape[^1]}, {blob.Number(o.Multiplier)}, {blob.Number(o.LeftShift)}, {blob.Number(o.DiffMin)});"),
        ReshapeOp o => Call(model, o, "the same bytes", 0, _ => model.At(o.Input) == model.At(o.Output) ? ""
            : $"Moves.Runs(a, {model.At(o.Input)}, {model.At(o.Output)}, 1, {model.Info(o.Output).Length}, 0);", below: 0),
        ConcatOp o => Call(model, o, "copies", 1, _ => Parts(model, o)),
        TransposeOp o => Gather(model, o, [o.Order0, o.Order1, o.Order2, o.Order3]),
        SliceOp o => Gather(model, o, [o.D0, o.D1, o.D2, o.D3]),
        PadOp o => Call(model, o, "copies", 7, blob => Pad(model, o, blob)),
        _ => throw new CodeGenException($"no code for nanoFramework is generated yet for layer {op.Name} ({op.GetType().Name[..^2]})."),
    };

    private static NanoForm Call(NanoModel model, ModelOperator op, string algorithm, long operationsAnOutput, Func<NanoBlob, string> lines, int? below = null) =>
        Call(model, op, algorithm, operationsAnOutput, (blob, _) => lines(blob), below, []);

    /// <summary>The same with tables: what the lines call each is given to them.</summary>
    private static NanoForm Call(NanoModel model, ModelOperator op, string algorithm, long operationsAnOutput, Func<NanoBlob, IReadOnlyList<string>, string> lines, int? below,
        (bool IsWide, string Name, IReadOnlyCollection<int> Values)[] tables) => new(algorithm)
        {
            CodeBytes = CallBytes,
            TableBytes = tables.Sum(table => 12 + table.Values.Count * (table.IsWide ? sizeof(int) : 1)),
            Operations = 40 + operationsAnOutput * model.Info(op.Output).Length,
            Below = below,
            Write = (text, blob) =>
            {
                string[] names = [.. tables.Select(table => blob.Table(text, table.IsWide, table.Name, table.Values))];
                text.Add($"private static void {model.Name(op)}(sbyte[] a, WeightSource w, long[] t)\n{{", 2).Add(lines(blob, names), 3).Add("}\n", 2);
            },
        };

    private static NanoForm Pool(NanoModel model, ModelOperator op, Window w, string method, int operationsATap, int min, int max)
    {
        (int height, int width, int channels) = model.Image(op.Input);
        (int rows, int columns, int _) = model.Image(op.Output);
        return Call(model, op, "pixel by pixel", 45 + (long)operationsATap * w.KernelH * w.KernelW + 36L * w.KernelH, blob =>
            $"new Pools({height}, {width}, {channels}, {w.KernelH}, {w.KernelW}, {w.StrideH}, {w.StrideW}, {w.DilationH}, {w.DilationW}, {w.PadTop}, {w.PadLeft})\n"
            + $"    .{method}(a, {model.At(op.Input)}, {model.At(op.Output)}, {rows}, {columns}, {blob.Number(min)}, {blob.Number(max)});");
    }

    private static NanoForm Table(NanoModel model, ModelOperator op, IReadOnlyCollection<sbyte> table) =>
        Call(model, op, "a table", 21, (_, names) => $"Elements.Look(a, {model.At(op.Input)}, {model.At(op.Output)}, {model.Info(op.Output).Length}, {names[0]});",
            below: 0, tables: [(false, $"{model.Name(op)}_Table", [.. table.Select(v => (int)v)])]);

    private static NanoForm Requantize(NanoModel model, RequantizeOp op)
    {
        int zero = model.Info(op.Input).ZeroPoint, outputZero = model.Info(op.Output).ZeroPoint;
        return Table(model, op, [.. Enumerable.Range(-128, 256).Select(q =>
            Requantizer.ToInt8(q - zero, op.Factor.Multiplier, op.Factor.Shift, outputZero, op.Min, op.Max))]);
    }

    private static NanoForm Add(NanoModel model, AddOp op)
    {
        int zeroA = model.Info(op.Input).ZeroPoint, zeroB = model.Info(op.Other).ZeroPoint, zeroY = model.Info(op.Output).ZeroPoint;
        int length = model.Info(op.Output).Length;
        bool isSame = op.Inputs.All(input => model.Info(input).Length == length);
        if (isSame && LinearSum.Solve(op, zeroA, zeroB, zeroY) is { } line)
        {
            return Call(model, op, "a line through both", 45, (blob, names) =>
                $"Elements.AddOnLine(a, {Place(model, op.Input, op, names)}, {Place(model, op.Other, op, names)}, {model.At(op.Output)}, {length}, "
                + $"{blob.Number(line.FactorA)}, {blob.Number(line.FactorB)}, {blob.Number(line.Constant)}, {blob.Number(line.Shift)}, {blob.Number(op.Min)}, {blob.Number(op.Max)});",
                below: 0, Constants(model, op));
        }

        AddRule rule = new(op, zeroA, zeroB, zeroY, AddOp.LeftShift);
        string name = model.Name(op);
        int sign = op.Subtract ? -1 : 1;
        return Call(model, op, "byte by byte", 170, (blob, names) =>
            $"Elements.Add(a, {Place(model, op.Input, op, names)}, {names[^2]}, {Place(model, op.Other, op, names)}, {names[^1]}, {model.At(op.Output)},\n"
            + $"    {Walk(model, op)},\n    {Scale(model, op, op.OutputFactor, (op.Min, op.Max), blob)});", below: null, tables:
            [
                .. Constants(model, op),
                (true, $"{name}_Left", [.. Enumerable.Range(-128, 256).Select(rule.ScaledA)]),
                (true, $"{name}_Right", [.. Enumerable.Range(-128, 256).Select(q => sign * rule.ScaledB(q))]),
            ]);
    }

    private static NanoForm Multiply(NanoModel model, MulOp op) => Call(model, op, "byte by byte", 160, (blob, names) =>
        $"Elements.Multiply(a, {Place(model, op.Input, op, names)}, {blob.Number(model.Info(op.Input).ZeroPoint)}, {Place(model, op.Other, op, names)}, "
        + $"{blob.Number(model.Info(op.Other).ZeroPoint)}, {model.At(op.Output)},\n"
        + $"    {Walk(model, op)},\n    {Scale(model, op, op.Factor, (op.Min, op.Max), blob)});", below: null, tables: Constants(model, op));

    private static NanoForm Mean(NanoModel model, MeanOp op)
    {
        TensorInfo input = model.Info(op.Input);
        int count = MeanOp.Count(input, op.Axes);
        Shape4 shape = new(input);
        return Call(model, op, "sums", 140 + 45L * count, blob =>
            $"Elements.Mean(a, {model.At(op.Input)}, {model.At(op.Output)}, {Array(Sizes(kept: true))}, {Array(Sizes(kept: false))}, {Array(shape.BroadcastStrides())},\n"
            + $"    {blob.Number(-count * input.ZeroPoint)}, {Scale(model, op, op.Factor, (sbyte.MinValue, sbyte.MaxValue), blob)});");

        int[] Sizes(bool kept) => [.. Enumerable.Range(0, 4).Select(i => (op.Axes >> i & 1) == 0 == kept ? shape[i] : 1)];
    }

    private static NanoForm Gather(NanoModel model, ModelOperator op, int[] order)
    {
        int[] strides = new Shape4(model.Info(op.Input)).BroadcastStrides();
        return Gather(model, op, [.. order.Select(d => strides[d])], 0);
    }

    private static NanoForm Gather(NanoModel model, ModelOperator op, SliceDimension[] dimensions)
    {
        int[] strides = new Shape4(model.Info(op.Input)).BroadcastStrides();
        return Gather(model, op, [.. dimensions.Select((d, i) => strides[i] * d.Stride)], dimensions.Select((d, i) => strides[i] * d.Begin).Sum());
    }

    private static NanoForm Gather(NanoModel model, ModelOperator op, int[] strides, int first)
    {
        Shape4 to = new(model.Info(op.Output));
        return Call(model, op, "copies", 45, _ =>
            $"Moves.Gather(a, {model.At(op.Input) + first}, {model.At(op.Output)}, new IndexWalk({Array([to[0], to[1], to[2], to[3]])}, {Array(strides)}));");
    }

    private static string Parts(NanoModel model, ConcatOp op)
    {
        int count = model.Info(op.Output).Shape.Take(op.Axis).Aggregate(1, (a, b) => a * b), stride = Run(op.Output), to = model.At(op.Output);
        List<string> lines = [];
        foreach (int part in op.Parts)
        {
            lines.Add($"Moves.Runs(a, {model.At(part)}, {to}, {count}, {Run(part)}, {stride});");
            to += Run(part);
        }

        return string.Join('\n', lines);

        int Run(int tensor) => model.Info(tensor).Shape.Skip(op.Axis).Aggregate(1, (a, b) => a * b);
    }

    private static string Pad(NanoModel model, PadOp op, NanoBlob blob)
    {
        (int height, int width, int channels) = model.Image(op.Input);
        (int _, int columns, int pixel) = model.Image(op.Output);
        int row = columns * pixel;
        return $"Moves.Pad(a, {model.At(op.Input)}, {model.At(op.Output)}, {height}, {width}, {channels}, {op.Top * row + op.Left * pixel + op.Front}, {pixel}, {row}, "
            + $"{model.Info(op.Output).Length}, {blob.Number(op.Value)});";
    }

    /// <summary>Operands that are constants: a table each.</summary>
    private static (bool, string, IReadOnlyCollection<int>)[] Constants(NanoModel model, ModelOperator op) => [.. ConstantsOf(model, op)
        .Select(t => (false, $"{model.Name(op)}_Constant{t}", (IReadOnlyCollection<int>)[.. model.Model.Int8Data(t).ToArray().Select(v => (int)v)]))];

    private static int[] ConstantsOf(NanoModel model, ModelOperator op) => [.. op.Inputs.Distinct().Where(t => model.Info(t).Storage == TensorStorage.Constant)];

    private static string Place(NanoModel model, int tensor, ModelOperator op, IReadOnlyList<string> names) => model.Info(tensor).Storage == TensorStorage.Arena
        ? $"a, {model.At(tensor)}" : $"{names[System.Array.IndexOf(ConstantsOf(model, op), tensor)]}, 0";

    private static string Walk(NanoModel model, ModelOperator op)
    {
        Shape4 shape = new(model.Info(op.Output));
        return $"new BroadcastWalk({Array([shape[0], shape[1], shape[2], shape[3]])}, {Strides(0)}, {Strides(1)})";

        string Strides(int operand) => Array(new Shape4(model.Info(op.Inputs[operand])).BroadcastStrides());
    }

    private static string Scale(NanoModel model, ModelOperator op, QuantizedMultiplier factor, (int Min, int Max) bounds, NanoBlob blob) =>
        $"new SumScale({blob.Number(factor.Multiplier)}, {blob.Number(factor.Shift)}, {blob.Number(model.Info(op.Output).ZeroPoint)}, {blob.Number(bounds.Min)}, {blob.Number(bounds.Max)})";

    private static string Array(int[] values) => $"new int[] {{ {string.Join(", ", values)} }}";
}
