using EdgeConv.Runtime.Format;
using Builder = System.Func<EdgeConv.Runtime.Tests.Parity.CaseValues, (EdgeConv.Runtime.Tests.TestModel Model, int Input)>;

namespace EdgeConv.Runtime.Tests.Parity;

/// <summary>
/// Every operator of the format, on every awkward shape, filled with extremes and with rubbish around it, on every path: against the plain
/// expectation and against the reference path. The seeds are the case's number; a failure prints it.
/// </summary>
public sealed class GeneratedParityTests
{
    private const int FirstSeed = 1000;

    // FORMAT.md's codes
    private static readonly Dictionary<int, Func<IEnumerable<Builder>>> _cases = new()
    {
        [1] = WindowCases.Convolutions,
        [2] = ElementCases.FullyConnected,
        [3] = () => WindowCases.Poolings((x, y, w, min, max) => new MaxPoolOp("max", x, y, w, min, max)),
        [4] = () => WindowCases.Poolings((x, y, w, min, max) => new AveragePoolOp("mean", x, y, w, min, max)),
        [5] = ElementCases.Tables,
        [6] = () => ElementCases.Softmaxes((x, y, f, diffMin) => new SoftmaxOp("softmax", x, y, f.Multiplier, f.Shift, diffMin), -128),
        [7] = ShapeCases.Reshapes,
        [8] = ElementCases.Sums,
        [9] = ElementCases.Products,
        [10] = ElementCases.PRelus,
        [11] = ShapeCases.Concats,
        [12] = ShapeCases.Pads,
        [13] = ShapeCases.Transposes,
        [14] = WindowCases.TransposedConvolutions,
        [15] = ElementCases.Requantizations,
        [16] = () => ElementCases.Softmaxes((x, y, f, diffMin) => new LogSoftmaxOp("log", x, y, f.Multiplier, f.Shift, diffMin), 127),
        [17] = ElementCases.Lrns,
        [19] = ShapeCases.Slices,
        [20] = ShapeCases.Resizes,
    };

    public static TheoryData<int> Codes => [.. Enumerable.Range(0, 256).Where(code => OperatorCodec.ArgumentCount((ushort)code) >= 0)];

    [Theory]
    [MemberData(nameof(Codes))]
    public void Every_path_gives_what_the_page_says_on_every_awkward_shape(int code)
    {
        Assert.True(_cases.ContainsKey(code), $"operator code {code} has no generated cases");
        int seed = FirstSeed;
        foreach (Builder build in _cases[code]())
        {
            for (int fill = 0; fill < CaseValues.Fills; fill++)
            {
                var values = new CaseValues(seed, seed);
                (TestModel model, int x) = build(values);
                using var generated = new OperatorCase($"seed {seed}", model.Build(), values.Activations(model.ShapeOf(x).Aggregate(1, (a, b) => a * b)));
                Assert.Contains(generated.Model.Operators, op => OperatorCodec.Encode(op).Code == code);
                generated.Check();
                seed++;
            }
        }
    }
}
