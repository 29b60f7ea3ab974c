using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Visualization;
using EdgeConv.Runtime;
using EdgeConv.Tests.Converters;

namespace EdgeConv.Tests.Visualization;

/// <summary>What a place of a layer sees: by the arithmetic of well-known networks, and by changing every pixel.</summary>
public sealed class ReceptiveFieldTests
{
    [Fact]
    public void Those_of_LeNet_5_are_known()
    {
        Graph graph = TestNetworks.LeNet5(seed: 1);
        Assert.Equal(new FieldAxis(5, 1, -2), Of(graph, "conv2d", 0).Rows);
        Assert.Equal(new FieldAxis(6, 2, -2), Of(graph, "maxpool", 0).Columns);
        Assert.Equal(new FieldAxis(14, 2, -2), Of(graph, "conv2d", 1).Rows);
        Assert.Equal(new FieldAxis(16, 4, -2), Of(graph, "maxpool", 1).Columns);
        Assert.Equal(new FieldAxis(28, 0, 0), Of(graph, "fullyconnected", 0).Rows);
    }

    [Fact]
    public void Those_of_VGG_16_are_known()
    {
        Window three = new(3, 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1), two = new(2, 2, 2, 2);
        var network = new NetworkBuilder("vgg16", 1, [1, 224, 224, 3]);
        foreach (int convolutions in (int[])[2, 2, 3, 3, 3])
        {
            for (int i = 0; i < convolutions; i++)
            {
                network.Conv(1, three);
            }

            network.Pool(w => new MaxPool(w), two);
        }

        Graph graph = network.Build();
        Assert.Equal([3, 5, 10, 14, 24, 32, 40, 60, 76, 92, 132, 164, 196], Sizes(graph, "conv2d"));
        Assert.Equal([6, 16, 44, 100, 212], Sizes(graph, "maxpool"));
        Assert.Equal(32, Of(graph, "maxpool", 4).Rows.Stride);
    }

    [Fact]
    public void Those_of_AlexNet_are_known()
    {
        static Window Pad(int k, int p) => new(k, k, PadTop: p, PadLeft: p, PadBottom: p, PadRight: p);
        Window overlapping = new(3, 3, 2, 2);
        Graph graph = new NetworkBuilder("alexnet", 1, [1, 227, 227, 3])
            .Conv(2, new Window(11, 11, 4, 4)).Pool(w => new MaxPool(w), overlapping)
            .Conv(2, Pad(5, 2), groups: 2).Pool(w => new MaxPool(w), overlapping)
            .Conv(2, Pad(3, 1)).Conv(2, Pad(3, 1)).Conv(2, Pad(3, 1)).Pool(w => new MaxPool(w), overlapping).Build();
        Assert.Equal([11, 51, 99, 131, 163], Sizes(graph, "conv2d"));
        Assert.Equal([19, 67, 195], Sizes(graph, "maxpool"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Pixels_outside_never_matter_and_the_corners_do(int seed)
    {
        Random random = new(seed);
        Window Any() => new(random.Next(1, 4), random.Next(1, 4), random.Next(1, 3), random.Next(1, 3), random.Next(1, 3), random.Next(1, 3),
            random.Next(2), random.Next(2), random.Next(2), random.Next(2));
        const int Side = 17;
        Graph graph = new NetworkBuilder("any", seed, [1, Side, Side, 1])
            .Conv(1, Any()).Pool(w => new AveragePool(w), new Window(random.Next(1, 4), random.Next(1, 3)))
            .Add(new Activate(Activation.Tanh), []).Build();
        graph = Positive(graph);
        Value output = graph.Nodes[1].Output;
        ReceptiveField field = ReceptiveFields.Of(graph)[output.Name];
        var executor = new FloatExecutor(graph with { Nodes = [.. graph.Nodes.Take(2)], Output = output.Name });
        float[] before = [.. executor.Run(new float[Side * Side])];

        (int height, int width) = (output.Shape[1], output.Shape[2]);
        var touched = Enumerable.Range(0, before.Length).Select(_ => new HashSet<int>()).ToArray();
        for (int pixel = 0; pixel < Side * Side; pixel++)
        {
            float[] picture = new float[Side * Side];
            picture[pixel] = 1;
            float[] after = executor.Run(picture);
            for (int i = 0; i < after.Length; i++)
            {
                if (after[i] != before[i])
                {
                    touched[i].Add(pixel);
                }
            }
        }

        for (int i = 0; i < before.Length; i++)
        {
            FieldOfView seen = field.At(i / width, i % width);
            Assert.All(touched[i], pixel => Assert.True(Holds(seen, pixel / Side, pixel % Side), $"seed {seed}, output {i}, {seen}, pixel {pixel}"));
            int[] corners = [(seen.Top * Side) + seen.Left, ((seen.Top + seen.Height - 1) * Side) + seen.Left + seen.Width - 1];
            if (seen.Top >= 0 && seen.Left >= 0 && seen.Top + seen.Height <= Side && seen.Left + seen.Width <= Side)
            {
                Assert.All(corners, corner => Assert.Contains(corner, touched[i]));
            }
        }

        Assert.True(height * width > 1);
    }

    [Theory]
    [InlineData("residual")]
    [InlineData("inception")]
    [InlineData("separable")]
    [InlineData("vgg")]
    [InlineData("mobile")]
    public void Pixels_outside_never_matter_in_networks_with_branches(string architecture)
    {
        Graph graph = Fusion.Apply(new ArchitectureBuilder(5).Build(architecture).Import());
        IReadOnlyDictionary<string, ReceptiveField> fields = ReceptiveFields.Of(graph);
        var executor = new FloatExecutor(graph);
        (int side, int channels) = (graph.Input.Shape[1], graph.Input.Shape[3]);
        float[] picture = Tensors.Random(new Random(6), graph.Input.Length);
        Dictionary<string, float[]> before = [];
        executor.Run(picture, (node, values) => before[node.Name] = [.. values]);
        int local = 0;
        foreach (int pixel in (int[])[0, side / 2, (side * side / 2) + 3, (side * side) - 1])
        {
            float[] changed = [.. picture];
            changed.AsSpan(pixel * channels, channels).Fill(9);
            executor.Run(changed, (node, values) =>
            {
                int c = node.Output.Shape[^1], width = node.Output.Shape.Count == 4 ? node.Output.Shape[2] : 1;
                for (int i = 0; i < values.Length; i++)
                {
                    FieldOfView seen = fields[node.Output.Name].At(i / c / width, i / c % width);
                    bool isInside = Holds(seen, pixel / side, pixel % side);
                    local += isInside ? 0 : 1;
                    Assert.True(isInside || values[i] == before[node.Name][i], $"{node.Name}, element {i}, {seen}, pixel {pixel}");
                }
            });
        }

        Assert.True(local > 0);
    }

    [Fact]
    public void A_branch_that_sees_more_widens_the_sum_and_a_frame_moves_it()
    {
        static Conv2D Conv(int k, int p) => new(
            new float[k * k], new float[1], new Window(k, k, PadTop: p, PadLeft: p, PadBottom: p, PadRight: p), 1);
        int[] shape = [1, 8, 8, 1];
        Graph graph = new("branches", new Value("x", shape),
        [
            new Node("small", Conv(3, 1), ["x"], new Value("a", shape)),
            new Node("large", Conv(5, 2), ["x"], new Value("b", shape)),
            new Node("sum", new Arithmetic(ArithmeticFunction.Add), ["a", "b"], new Value("c", shape)),
            new Node("frame", new Pad(1, 2, 0, 0), ["c"], new Value("d", [1, 9, 10, 1])),
        ], "d");
        IReadOnlyDictionary<string, ReceptiveField> fields = ReceptiveFields.Of(graph);
        Assert.Equal(new FieldAxis(5, 1, -2), fields["c"].Rows);
        Assert.Equal(new FieldAxis(5, 1, -3), fields["d"].Rows);
        Assert.Equal(new FieldAxis(5, 1, -4), fields["d"].Columns);
    }

    // With positive weights no two pixels can cancel.
    private static Graph Positive(Graph graph) => graph with
    {
        Nodes = [.. graph.Nodes.Select(node => node.Operation is Conv2D c
            ? node with { Operation = c with { Weights = [.. c.Weights.Select(w => Math.Abs(w) + 0.1f)] } }
            : node)],
    };

    private static bool Holds(FieldOfView field, int row, int column) =>
        row >= field.Top && row < field.Top + field.Height && column >= field.Left && column < field.Left + field.Width;

    private static ReceptiveField Of(Graph graph, string kind, int index) => ReceptiveFields.Of(graph)[
        graph.Nodes.Where(node => node.Name.StartsWith(kind, StringComparison.Ordinal)).ElementAt(index).Output.Name];

    private static IEnumerable<int> Sizes(Graph graph, string kind)
    {
        IReadOnlyDictionary<string, ReceptiveField> fields = ReceptiveFields.Of(graph);
        return graph.Nodes.Where(node => node.Name.StartsWith(kind, StringComparison.Ordinal)).Select(node => fields[node.Output.Name].Rows.Size);
    }
}
