using EdgeConv.Converters;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Visualization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Visualization;

/// <summary>Covering squares shows where the answer comes from, before and behind a softmax.</summary>
public sealed class OcclusionTests
{
    private const int Side = 10;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Only_the_pixels_that_the_class_reads_matter(bool softmax)
    {
        Graph graph = Network(softmax);
        MadePictures data = new(8, Side, (i, row, column) => (byte)(IsRead(row, column) ? 200 + i : 10), _ => 0, classes: 2);
        using Model model = Model.Load(Converter.Convert(graph, data, null, new ConversionOptions()).File);
        Twins twins = new(graph, model);
        using TwinRun run = new(twins);
        byte[] picture = data.Load(3).Pixels.ToArray();
        OcclusionMap map = Occlusion.Run(run, twins.Float.Picture!.Layout, picture, side: 2, step: 1);

        Assert.Equal(0, map.Class);
        Assert.Equal(11 * 11, Occlusion.Squares(twins.Float.Picture.Layout, 2, 1));
        for (int i = 0; i < Side * Side; i++)
        {
            (int row, int column) = (i / Side, i % Side);
            bool isNear = Enumerable.Range(-1, 3).Any(y => Enumerable.Range(-1, 3).Any(x => IsRead(row + y, column + x)));
            if (IsRead(row, column))
            {
                Assert.True(map.Float[i] > 0.1, $"pixel {i}: {map.Float[i]}");
            }
            else if (!isNear)
            {
                Assert.Equal(0, map.Float[i]);
                Assert.Equal(0, map.Int8[i]);
            }
        }

        Assert.InRange(map.Correlation, 0.99, 1);
        run.Run(picture);
        float logit = picture.Where((_, i) => IsRead(i / Side, i % Side)).Sum(p => p / 255f);
        Assert.Equal(logit, run.Float[0], 1e-4f);
        Assert.Equal(logit, run.Int8[0], 0.05f);
    }

    private static bool IsRead(int row, int column) => row is >= 2 and < 5 && column is >= 6 and < 9;

    // Class 0 adds up the pixels of a square, class 1 is always zero.
    private static Graph Network(bool softmax)
    {
        float[] weights = [.. Enumerable.Range(0, Side * Side).Select(i => IsRead(i / Side, i % Side) ? 1f : 0f), .. new float[Side * Side]];
        List<Node> nodes =
        [
            new Node("flatten", new Reshape(), ["picture"], new Value("row", [1, Side * Side])),
            new Node("classes", new FullyConnected(weights, new float[2]), ["row"], new Value("logits", [1, 2])),
        ];
        if (softmax)
        {
            nodes.Add(new Node("softmax", new Softmax(), ["logits"], new Value("answer", [1, 2])));
        }

        return new Graph("square", new Value("picture", [1, Side, Side, 1]), nodes, nodes[^1].Output.Name)
        {
            Picture = new PictureInput(new PictureLayout(Side, Side, ColorOrder.Gray), [0], [1]),
        };
    }
}
