using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests.Parity;

/// <summary>Operators that work element by element, and fully connected layers, on awkward shapes.</summary>
internal static class ElementCases
{
    private static int[][] Shapes => [.. WindowCases.Pictures, [1, 1], [3, 257], [5]];

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> FullyConnected() =>
        from size in new (int Rows, int Inputs, int Outputs)[] { (1, 1, 1), (1, 257, 8), (13, 33, 9), (2, 64, 257), (5, 16, 7), (1, 400, 16) }
        from kind in new[] { "int8", "int4", "zero point", "16x8" }
        select (Func<CaseValues, (TestModel, int)>)(v => Dense(v, size.Rows, size.Inputs, size.Outputs, kind));

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> Tables() => Same((v, m, x, y) =>
        new TableOp("table", x, y, m.Constant([.. Enumerable.Range(0, 256).Select(_ => (sbyte)v.Next(-128, 128))], [256])), inPlace: true);

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> Requantizations() => Same((v, m, x, y) =>
        new RequantizeOp("scale", x, y, new(v.Multiplier(), v.Next(-3, 3)), v.Next(-128, 0), v.Next(0, 128)));

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> Means() =>
        from shape in WindowCases.Pictures
        from axes in Enumerable.Range(1, 15)
        select (Func<CaseValues, (TestModel, int)>)(v =>
        {
            var model = new TestModel();
            int x = model.Activation(shape, v.ZeroPoint());
            int y = model.Activation([.. shape.Select((d, i) => (axes >> i & 1) == 0 ? d : 1)], v.ZeroPoint());
            return (model.Then(new MeanOp("mean", x, y, axes, new(v.Multiplier(), -v.Next(1, 9)))), x);
        });

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> PRelus() => Same((v, m, x, y) => new PReluOp("prelu", x, y,
        m.Constant(v.Weights(m.ShapeOf(x)[^1]), [m.ShapeOf(x)[^1]], v.ZeroPoint()), new(v.Multiplier(), v.Next(-2, 2)), new(v.Multiplier(), -v.Next(5, 9))));

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> Lrns() =>
        from size in new[] { 1, 2, 5, 300 }
        from outputShift in new[] { 2, 29 }   // a few bits make ties
        from build in Same((v, m, x, y) => new LrnOp("lrn", x, y, size,
            m.Constant([.. Enumerable.Range(0, LrnOp.TableLength).Select(i => (1 << outputShift) / (i + 1) + v.Next(1 + (1 << outputShift >> 2)))]),
            size == 300 ? 17 : 11, outputShift))
        select build;

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> Softmaxes(Func<int, int, QuantizedMultiplier, int, ModelOperator> create, int zeroPoint) =>
        from shape in Shapes.Append([1, 4095])
        from scale in new[] { 0.004, 0.07, 0.9 }
        select (Func<CaseValues, (TestModel, int)>)(v =>
        {
            var model = new TestModel();
            int x = model.Activation(shape, v.ZeroPoint()), y = model.Activation(shape, zeroPoint);
            QuantizedMultiplier factor = QuantizedMultiplier.From(scale * (1 << 26));
            return (model.Then(create(x, y, factor, -(int)Math.Floor(31.0 * (1 << 26) / Math.Pow(2, factor.Shift)))), x);
        });

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> Sums() =>
        from subtract in new[] { false, true }
        from build in Binary((v, a, b, y) => new AddOp("add", a, b, y, new(v.Multiplier(), -v.Next(3)), new(v.Multiplier(), -v.Next(3)),
            new(v.Multiplier(), -v.Next(17, 21)), subtract, (sbyte)v.Next(-128, 0), (sbyte)v.Next(0, 128)))
        select build;

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> Products() => Binary((v, a, b, y) =>
        new MulOp("mul", a, b, y, new(v.Multiplier(), -v.Next(4, 9)), (sbyte)v.Next(-128, 0), (sbyte)v.Next(0, 128)));

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> WideSigmoids() =>
        from isTanh in new[] { false, true }
        from build in Wide((v, m, x, y) => new WideSigmoidOp("f", x, y, m.Constant(WideTables.Sigmoid()), 24576, 12 + v.Next(3), isTanh))
        select build;

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> WideSoftmaxes() => Wide((v, m, x, y) => new WideSoftmaxOp(
        "softmax", x, y, new(v.Next(1 << 30, int.MaxValue), v.Next(1, 4)), m.Constant(WideTables.Exponential()), m.Constant(WideTables.Reciprocal())));

    private static IEnumerable<Func<CaseValues, (TestModel, int)>> Wide(Func<CaseValues, TestModel, int, int, ModelOperator> create) =>
        from shape in Shapes
        select (Func<CaseValues, (TestModel, int)>)(v =>
        {
            var model = new TestModel();
            int x = model.Activation(shape, v.ZeroPoint()), a = model.WideActivation(shape), b = model.WideActivation(shape), y = model.Activation(shape);
            return (model.Then(new RequantizeOp("widen", x, a, new(1 << 30, 7), -32768, 32767)).Then(create(v, model, a, b))
                .Then(new RequantizeOp("narrow", b, y, new(1 << 30, -7), -128, 127)), x);
        });

    private static IEnumerable<Func<CaseValues, (TestModel, int)>> Same(Func<CaseValues, TestModel, int, int, ModelOperator> create, bool inPlace = false) =>
        from shape in Shapes
        from isInPlace in inPlace ? new[] { false, true } : [false]
        select (Func<CaseValues, (TestModel, int)>)(v =>
        {
            var model = new TestModel();
            int x = model.Activation(shape, v.ZeroPoint()), y = isInPlace ? model.InPlace(x, shape, v.ZeroPoint()) : model.Activation(shape, v.ZeroPoint());
            return (model.Then(create(v, model, x, y)), x);
        });

    /// <summary>With an activation, a picture, a row, a pixel and a single byte on either side.</summary>
    private static IEnumerable<Func<CaseValues, (TestModel, int)>> Binary(Func<CaseValues, int, int, int, ModelOperator> create) =>
        from shape in Shapes
        from other in new[] { "activation", "picture", "channel", "one", "smaller activation" }
        select (Func<CaseValues, (TestModel, int)>)(v =>
        {
            var model = new TestModel();
            int[] row = [.. shape.Select((d, i) => i == shape.Length - 1 ? d : 1)];
            int[] small = other == "smaller activation" ? row : shape;
            int x = model.Activation(small, v.ZeroPoint()), y = model.Activation(shape, v.ZeroPoint());
            int b;
            if (other == "activation")
            {
                b = model.Activation(shape, v.ZeroPoint());
                model.Then(new TableOp("other", x, b, model.Constant([.. Enumerable.Range(0, 256).Select(_ => (sbyte)v.Next(-128, 128))], [256])));
            }
            else
            {
                int[] shapeB = other switch { "one" => [1], "channel" => row, _ => shape };
                b = model.Constant(v.Weights(shapeB.Aggregate(1, (p, q) => p * q)), shapeB, v.ZeroPoint(), 1);
            }

            return (model.Then(create(v, x, b, y)), x);
        });

    private static (TestModel Model, int Input) Dense(CaseValues v, int rows, int inputs, int outputs, string kind)
    {
        var model = new TestModel();
        int x = model.Activation([rows, inputs], v.ZeroPoint());
        int[] shape = [outputs, inputs];
        int weights = kind == "int4" ? model.PackedConstant(v.Int4Weights(outputs * inputs), shape)
            : model.Constant(v.Weights(outputs * inputs), shape, kind == "zero point" ? v.ZeroPoint() : 0);
        if (kind != "16x8")
        {
            int y = model.Activation([rows, outputs], v.ZeroPoint());
            return (model.Then(new FullyConnectedOp("fc", x, y, weights, model.Constant(v.Bias(outputs)), model.Constant(v.Multipliers(outputs)),
                model.Constant(v.Shifts(outputs, inputs)), v.Next(-128, 0), v.Next(0, 128))), x);
        }

        int wideX = model.WideActivation([rows, inputs]), wideY = model.WideActivation([rows, outputs]), narrow = model.Activation([rows, outputs], v.ZeroPoint());
        return (model.Then(new RequantizeOp("widen", x, wideX, new(v.Multiplier(), v.Next(4, 9)), -32768, 32767))
            .Then(new FullyConnectedOp("wide", wideX, wideY, weights, model.Constant(v.WideBias(outputs)), model.Constant(v.Multipliers(outputs)),
                model.Constant(v.Shifts(outputs, inputs)), v.Next(-32768, 0), v.Next(0, 32768)))
            .Then(new RequantizeOp("narrow", wideY, narrow, new(v.Multiplier(), -v.Next(3, 9)), -128, 127)), x);
    }
}
