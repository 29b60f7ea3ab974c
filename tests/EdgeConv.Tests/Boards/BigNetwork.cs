using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Boards;

/// <summary>A network for 28x28 grey pictures whose first layer alone has 1.2 million weights.</summary>
internal static class BigNetwork
{
    private const int Pixels = 28 * 28;
    private const int Units = 1600;

    /// <summary>Writes it as ONNX; its path.</summary>
    public static string Write(string path)
    {
        Random random = new(3);
        float[] Weights(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 0.1f - 0.05f)];
        OnnxWriter.Write(
            new Graph(
                "big",
                new Value("image", [1, 28, 28, 1]),
                [
                    new Node("flatten", new Reshape(), ["image"], new Value("flat", [1, Pixels])),
                    new Node("fc1", new FullyConnected(Weights(Pixels * Units), Weights(Units)), ["flat"], new Value("hidden", [1, Units])),
                    new Node("fc2", new FullyConnected(Weights(Units * 10), Weights(10)), ["hidden"], new Value("scores", [1, 10])),
                ],
                "scores")
            {
                Picture = new PictureInput(new PictureLayout(28, 28, ColorOrder.Gray), [0.5f], [0.5f]),
                Labels = [.. Enumerable.Range(0, 10).Select(digit => $"{digit}")],
            },
            path);
        return path;
    }
}
