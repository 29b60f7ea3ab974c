using EdgeConv.Tests.Converters;

namespace EdgeConv.Fuzz.Seeds;

/// <summary>Small networks that between them have every operator, as exporters write them.</summary>
internal static class SeedNetworks
{
    private static readonly string[] _families =
    [
        "counted average pool", "global max pool", "reduce", "clip", "unary", "prelu", "two operands", "constant picture", "concat", "pad",
        "pad and convolve", "transposed conv", "transpose", "reshape", "spelled out function", "residual", "inception", "separable",
        "squeeze and excite", "channel shuffle", "channels last", "shape arithmetic",
    ];

    private static readonly string[] _architectures = ["residual", "inception", "separable", "vgg", "mobile"];
    private static readonly int[] _opsets = [9, 13, 20];

    public static IEnumerable<OnnxNetwork> All()
    {
        foreach ((int i, string family) in _families.Index())
        {
            foreach (int opset in _opsets)
            {
                var random = new Random((i * 31) + opset);
                yield return new SweepNetworks(random, opset, [1, random.Next(1, 4), random.Next(4, 7), random.Next(4, 7)]).Build(family);
            }
        }

        foreach (string architecture in _architectures)
        {
            yield return new ArchitectureBuilder(1).Build(architecture);
        }

        yield return new OnnxNetwork(13, 1, 4, 5, 5).Node("LRN", null, ("size", 3)).Node("Flatten").Node("LogSoftmax");
        yield return new OnnxNetwork(13, 1, 4, 5, 5).Node("MaxPool", null, ("kernel_shape", new long[] { 2, 2 })).Node("Tanh")
            .Node("AveragePool", null, ("kernel_shape", new long[] { 2, 2 })).Node("Flatten").Node("Softmax");
    }
}
