using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Quantization;
using Builder = System.Func<EdgeConv.Runtime.Tests.Parity.CaseValues, (EdgeConv.Runtime.Tests.TestModel Model, int Input)>;

namespace EdgeConv.Runtime.Tests.Parity;

/// <summary>Generated models around every operator of the format.</summary>
internal static class GeneratedCases
{
    /// <summary>By the code that FORMAT.md gives the operator.</summary>
    public static IReadOnlyDictionary<int, Func<IEnumerable<Builder>>> ByCode { get; } = new Dictionary<int, Func<IEnumerable<Builder>>>
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
        [16] = () => ElementCases.Softmaxes((x, y, f, diffMin) => new LogSoftmaxOp(
            "log", x, y, f.Multiplier, f.Shift, diffMin, QuantizedMultiplier.From(Math.Pow(2, 31 - f.Shift) / f.Multiplier)), 127),
        [17] = ElementCases.Lrns,
        [18] = ElementCases.Means,
        [19] = ShapeCases.Slices,
        [20] = ShapeCases.Resizes,
        [21] = ElementCases.WideSigmoids,
        [22] = ElementCases.WideSoftmaxes,
        [23] = WindowCases.PooledConvolutions,
    };

    /// <summary>Every code that the reader knows.</summary>
    public static TheoryData<int> Codes => [.. Enumerable.Range(0, 256).Where(code => OperatorCodec.ArgumentCount((ushort)code) >= 0)];
}
