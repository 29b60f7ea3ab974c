namespace EdgeConv.Runtime.Tests.Parity;

/// <summary>Operators that move elements, on awkward shapes.</summary>
internal static class ShapeCases
{
    public static IEnumerable<Func<CaseValues, (TestModel, int)>> Reshapes() =>
        from shape in WindowCases.Pictures
        from inPlace in new[] { false, true }
        select (Func<CaseValues, (TestModel, int)>)(v =>
        {
            var model = new TestModel();
            int x = model.Activation(shape);
            int[] flat = [1, shape[0] * shape[1] * shape[2] * shape[3]];
            return (model.Then(new ReshapeOp("flat", x, inPlace ? model.InPlace(x, flat) : model.Activation(flat))), x);
        });

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> Concats() =>
        from shape in WindowCases.Pictures
        from axis in new[] { 0, 1, 2, 3 }
        from parts in new[] { 1, 2, 5, ConcatOp.MaxParts }
        where parts < ConcatOp.MaxParts || (axis == 3 && shape[0] == 2)   // 50 operators more; once is enough
        select (Func<CaseValues, (TestModel, int)>)(v => Concat(v, shape, axis, parts));

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> Pads() =>
        from shape in WindowCases.Pictures
        from repetition in Enumerable.Range(0, 6)
        select (Func<CaseValues, (TestModel, int)>)(v =>
        {
            var model = new TestModel();
            int[] pads = [.. Enumerable.Range(0, 6).Select(_ => v.Next(repetition))];
            int zero = v.ZeroPoint(), x = model.Activation(shape, zero);
            int y = model.Activation([shape[0], shape[1] + pads[0] + pads[2], shape[2] + pads[1] + pads[3], shape[3] + pads[4] + pads[5]], zero);
            return (model.Then(new PadOp("pad", x, y, pads[0], pads[1], pads[2], pads[3], pads[4], pads[5], (sbyte)v.ZeroPoint())), x);
        });

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> Transposes() =>
        from shape in WindowCases.Pictures
        from order in Permutations([0, 1, 2, 3])
        select (Func<CaseValues, (TestModel, int)>)(v =>
        {
            var model = new TestModel();
            int x = model.Activation(shape), y = model.Activation([.. order.Select(d => shape[d])]);
            return (model.Then(new TransposeOp("order", x, y, order[0], order[1], order[2], order[3])), x);
        });

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> Slices() =>
        from shape in WindowCases.Pictures.Append([3, 257]).Append([9])
        from isWide in new[] { false, true }
        from repetition in Enumerable.Range(0, 8)
        select (Func<CaseValues, (TestModel, int)>)(v => Slice(v, shape, isWide, wholeRows: repetition % 2 == 0));

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> Resizes() =>
        from shape in WindowCases.Pictures
        from size in new (int H, int W)[] { (1, 1), (shape[1], shape[2]), (2 * shape[1], 2 * shape[2]), (3 * shape[1], 7), (5, 2), (13, 10) }
        where shape[3] < 100 || size.H * size.W <= 12
        from mode in Enum.GetValues<ResizeMode>()
        from coordinates in Enum.GetValues<ResizeCoordinates>()
        select (Func<CaseValues, (TestModel, int)>)(v =>
        {
            var model = new TestModel();
            int zero = v.ZeroPoint(), x = model.Activation(shape, zero), y = model.Activation([shape[0], size.H, size.W, shape[3]], zero);
            return (model.Then(new ResizeOp("resize", x, y, mode, coordinates)), x);
        });

    /// <summary>The first part is the input, the others are what tables make of it, cut to lengths of their own.</summary>
    private static (TestModel Model, int Input) Concat(CaseValues v, int[] shape, int axis, int parts)
    {
        var model = new TestModel();
        int x = model.Activation(shape);
        List<int> joined = [x];
        int length = shape[axis];
        for (int i = 1; i < parts; i++)
        {
            int[] cut = [.. shape];
            cut[axis] = v.Next(1, shape[axis] + 1);
            int table = model.Activation(shape), part = model.Activation(cut);
            model.Then(new TableOp($"other {i}", x, table, model.Constant([.. Enumerable.Range(0, 256).Select(_ => (sbyte)v.Next(-128, 128))], [256])))
                .Then(new SliceOp($"part {i}", table, part, new(0, 1), new(0, 1), new(0, 1), new(0, 1)));
            joined.Add(part);
            length += cut[axis];
        }

        int[] output = [.. shape];
        output[axis] = length;
        return (model.Then(new ConcatOp("join", joined, model.Activation(output), axis)), x);
    }

    private static (TestModel Model, int Input) Slice(CaseValues v, int[] shape, bool isWide, bool wholeRows)
    {
        var model = new TestModel();
        int x = model.Activation(shape), missing = 4 - shape.Length;
        SliceDimension[] dimensions = [new(0, 1), new(0, 1), new(0, 1), new(0, 1)];
        int[] sizes = [.. shape];
        for (int i = 0; i < shape.Length - (wholeRows ? 1 : 0); i++)
        {
            int begin = v.Next(shape[i]), stride = v.Next(1, 4) * (v.Next(3) == 0 ? -1 : 1);
            sizes[i] = v.Next(1, (stride > 0 ? shape[i] - 1 - begin : begin) / Math.Abs(stride) + 2);
            dimensions[missing + i] = new(begin, stride);
        }

        SliceOp Part(int from, int to) => new("part", from, to, dimensions[0], dimensions[1], dimensions[2], dimensions[3]);
        if (!isWide)
        {
            return (model.Then(Part(x, model.Activation(sizes))), x);
        }

        int wide = model.WideActivation(shape), cut = model.WideActivation(sizes), y = model.Activation(sizes);
        return (model.Then(new RequantizeOp("widen", x, wide, new(v.Multiplier(), 6), -32768, 32767)).Then(Part(wide, cut))
            .Then(new RequantizeOp("narrow", cut, y, new(1 << 30, -5), -128, 127)), x);
    }

    private static IEnumerable<int[]> Permutations(int[] rest) => rest.Length == 0
        ? [[]]
        : rest.SelectMany(first => Permutations([.. rest.Where(d => d != first)]).Select(p => (int[])[first, .. p]));
}
