using EdgeConv.Converters;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Visualization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Visualization;

/// <summary>Hand-made filters must find the patterns they were made of.</summary>
public sealed class PatchSearchTests
{
    private const int Side = 12;
    private static readonly int[][] _patterns = [[0, 1, 0, 1, 1, 1, 0, 1, 0], [1, 0, 1, 0, 1, 0, 1, 0, 1], [1, 1, 1, 0, 0, 0, 0, 0, 0]];

    // Picture i holds pattern i % 3 at a place of its own, the brighter the later; faint noise elsewhere.
    private static readonly MadePictures _data = new(60, Side, Pixel, i => i % 3, classes: 3);

    [Fact]
    public void A_filter_finds_its_own_pattern_where_it_is()
    {
        using Model model = Convert(Network(_patterns));
        TwinSurvey survey = PatchSearch.Run(new Twins(Network(_patterns), model), _data, int.MaxValue);
        LayerPatches layer = Assert.Single(survey.Layers);
        Assert.Equal(3, layer.Units.Count);
        foreach (UnitPatches unit in layer.Units)
        {
            int[] brightest = [.. Enumerable.Range(0, 60).Where(i => i % 3 == unit.Unit).TakeLast(9).Reverse()];
            Assert.Equal(brightest, unit.Float.Select(patch => patch.Picture));
            Assert.Equal(brightest.Order(), unit.Int8.Select(patch => patch.Picture).Order());
            Assert.Equal(9, unit.Kept);
            Assert.All(unit.Float.Concat(unit.Int8), patch =>
            {
                (int top, int left) = Place(patch.Picture);
                Assert.Equal(new FieldOfView(top, left, 3, 3), layer.Field.At(patch.Row, patch.Column));
            });
        }

        Assert.Equal(Enumerable.Range(0, 60).Select(i => i % 3), survey.Answers.Select(answer => answer.Label));
        Assert.Equal(Enumerable.Range(0, 60), survey.Answers.Select(answer => answer.Picture));
    }

    [Fact]
    public void The_unit_that_quantization_spoiled_comes_first()
    {
        int[][] spoiled = [_patterns[0], _patterns[1], _patterns[1]];
        using Model model = Convert(Network(spoiled));
        LayerPatches layer = PatchSearch.Run(new Twins(Network(_patterns), model), _data, int.MaxValue).Layers[0];
        Assert.Equal(2, layer.Units[0].Unit);
        Assert.Equal((0, 9), (layer.Units[0].Kept, layer.Units[0].Changed));
        Assert.True(layer.Units[0].Deviation > layer.Units[1].Deviation);
        Assert.All(layer.Units.Skip(1), unit => Assert.Equal(9, unit.Kept));
    }

    [Fact]
    public void A_limit_spreads_over_the_data_set_and_the_result_does_not_depend_on_threads()
    {
        using Model model = Convert(Network(_patterns));
        Twins twins = new(Network(_patterns), model);
        TwinSurvey one = PatchSearch.Run(twins, _data, 20), other = PatchSearch.Run(twins, _data, 20);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => i * 3), one.Answers.Select(answer => answer.Picture));
        Assert.Equal(one.Layers[0].Units.SelectMany(unit => unit.Float.Concat(unit.Int8)),
            other.Layers[0].Units.SelectMany(unit => unit.Float.Concat(unit.Int8)));
    }

    [Fact]
    public void A_unit_that_never_responds_has_no_patches()
    {
        Graph graph = Network([.. _patterns.Take(2), [-1, -1, -1, -1, -1, -1, -1, -1, -1]]);
        using Model model = Convert(graph);
        UnitPatches silent = PatchSearch.Run(new Twins(graph, model), _data, int.MaxValue).Layers[0].Units.Single(unit => unit.Unit == 2);
        Assert.Empty(silent.Float);
        Assert.Empty(silent.Int8);
        Assert.Equal(0, silent.Changed);
    }

    [Fact]
    public void A_model_of_another_network_is_refused()
    {
        using Model model = Convert(Network([_patterns[0], _patterns[1]]));
        ConversionException refused = Assert.Throws<ConversionException>(() => new Twins(Network(_patterns), model));
        Assert.Contains("no convolution 'filters'", refused.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bounded_lists_hold_what_sorting_all_would_in_any_order(bool byInt8)
    {
        Random random = new(9);
        Patch[] all = [.. Enumerable.Range(0, 500).Select(i => new Patch(i, 0, 0, random.Next(40), random.Next(20)))];
        Patch[] expected = [.. (byInt8
            ? all.OrderByDescending(p => p.Int8).ThenByDescending(p => p.Float)
            : all.OrderByDescending(p => p.Float).ThenByDescending(p => p.Int8)).ThenBy(p => p.Picture).Take(9)];
        random.Shuffle(all);
        TopPatches first = new(2, 9, byInt8), second = new(2, 9, byInt8);
        foreach (Patch patch in all)
        {
            (patch.Picture % 3 == 0 ? first : second).Offer(1, patch);
        }

        first.Merge(second);
        Assert.Equal(expected, first.Of(1).ToArray());
        Assert.True(first.Of(0).IsEmpty);
    }

    private static (int Top, int Left) Place(int picture) => (1 + (picture % 7), 1 + (picture % 8));

    private static byte Pixel(int picture, int row, int column)
    {
        (int top, int left) = Place(picture);
        bool isInside = row >= top && row < top + 3 && column >= left && column < left + 3;
        int noise = (picture + (row * 5) + (column * 3)) % 4;
        return (byte)(isInside ? _patterns[picture % 3][((row - top) * 3) + column - left] * (60 + (picture * 3)) : noise);
    }

    // A pixel of the pattern counts for it, all others against it.
    private static Graph Network(int[][] patterns)
    {
        float[] weights = [.. patterns.SelectMany(pattern => pattern.Select(p => (p == 1 ? 1f : -1f) / pattern.Count(v => v == 1 || pattern.Max() <= 0)))];
        int units = patterns.Length, inner = Side - 2;
        Node[] nodes =
        [
            new Node("filters", new Conv2D(weights, new float[units], new Window(3, 3), 1, Activation.Relu), ["picture"],
                new Value("responses", [1, inner, inner, units])),
            new Node("largest", new MaxPool(new Window(inner, inner)), ["responses"], new Value("pooled", [1, 1, 1, units])),
            new Node("classes", new Reshape(), ["pooled"], new Value("answer", [1, units])),
        ];
        return new Graph("patterns", new Value("picture", [1, Side, Side, 1]), nodes, "answer")
        {
            Picture = new PictureInput(new PictureLayout(Side, Side, ColorOrder.Gray), [0], [1]),
        };
    }

    private static Model Convert(Graph graph)
    {
        int classes = graph.Nodes[^1].Output.Shape[1];
        MadePictures calibration = new(60, Side, Pixel, _ => 0, classes);
        return Model.Load(Converter.Convert(graph, calibration, null, new ConversionOptions()).File);
    }
}
