using System.Globalization;
using System.Text;
using EdgeConv.Cli.Visualization;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Visualization;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Reports;

/// <summary>Pictures of numbers: the filters that read the picture, and what each layer makes of it.</summary>
internal static class MapGrid
{
    private const int ShownMap = 46;
    private const int ShownFilter = 56;
    private const int MostLayers = 24;

    /// <summary>The filters of the first convolutions, those that see the picture itself; null when there are none.</summary>
    public static string? Filters(Html page, VisualizeResult result)
    {
        Graph graph = result.Twins.Float;
        if (graph.Nodes.FirstOrDefault(n => n.Operation is Conv2D && n.Inputs[0] == graph.Input.Name) is not { Operation: Conv2D filters })
        {
            return null;
        }

        int units = filters.Bias.Length, row = filters.Weights.Length / units, channels = row / (filters.Window.KernelH * filters.Window.KernelW);
        SpriteSheet sheet = new("filters", ShownFilter);
        int[] tiles = [.. Enumerable.Range(0, Math.Min(units, Math.Max(result.Options.Units, 64))).Select(unit => sheet.Add($"{unit}", () =>
            Filter(filters.Weights.AsSpan(unit * row, row), filters.Window.KernelW, channels, result.Pictures.Layout.Color)))];
        page.Style(sheet.Style());
        IEnumerable<string> figures = tiles.Select((tile, unit) => $"<figure>{sheet.Show(tile, Numbers(unit))}<figcaption class=\"soft\">{unit}</figcaption></figure>");
        return $"<div class=\"maps\">{string.Concat(figures)}</div>";

        string Numbers(int unit) => $"filter {unit}" + (channels > 1 ? "" : ":\n" + string.Join('\n', filters.Weights
            .Skip(unit * row).Take(row).Chunk(filters.Window.KernelW)
            .Select(line => string.Join("  ", line.Select(w => w.ToString("F2", CultureInfo.InvariantCulture))))));
    }

    /// <summary>A layer's maps, float above int8.</summary>
    public static IEnumerable<string> Layers(Html page, VisualizeResult result)
    {
        foreach ((int i, FeatureMaps maps) in result.Maps.Take(MostLayers).Index())
        {
            yield return Layer(page, $"maps{i}", maps, result.Options.Units);
        }

        if (result.Maps.Count > MostLayers)
        {
            yield return Html.Paragraph($"{result.Maps.Count - MostLayers} further layers are left out.", soft: true);
        }
    }

    private static string Layer(Html page, string name, FeatureMaps maps, int most)
    {
        (int height, int width, int channels) = (maps.Shape[1], maps.Shape[2], maps.Shape[3]);
        float largest = maps.Float.Max(Math.Abs);
        bool isSigned = maps.Float.Min() < 0;
        SpriteSheet sheet = new(name, ShownMap);
        Tile Map(float[] values, int channel) => Tile.Gray(
            [.. Enumerable.Range(0, height * width).Select(i => values[(i * channels) + channel])], width, largest, isSigned).Shrunk();
        (int Channel, int Float, int Int8)[] tiles = [.. Enumerable.Range(0, Math.Min(channels, most)).Select(channel => (channel,
            sheet.Add($"float {channel}", () => Map(maps.Float, channel)), sheet.Add($"int8 {channel}", () => Map(maps.Int8, channel))))];
        page.Style(sheet.Style());
        StringBuilder figures = new($"<h3>{Html.Escape(maps.Layer)} <span class=\"soft\">{Html.Escape(maps.Kind)}, {height}x{width}, "
            + $"{(channels > most ? $"{most} of {channels}" : $"{channels}")} channels</span></h3><div class=\"maps\">");
        foreach ((int channel, int real, int int8) in tiles)
        {
            figures.Append($"<figure>{sheet.Show(real, $"channel {channel}, float")}{sheet.Show(int8, $"channel {channel}, int8")}")
                .Append($"<figcaption class=\"soft\">{channel}</figcaption></figure>");
        }

        return figures.Append("</div>").ToString();
    }

    // Each filter by itself: its strongest weight is black or white.
    private static Tile Filter(ReadOnlySpan<float> weights, int width, int channels, ColorOrder order)
    {
        float[] values = weights.ToArray();
        float largest = values.Max(Math.Abs);
        if (channels != 3)
        {
            return Tile.Gray([.. values.Where((_, i) => i % channels == 0)], width, largest, isSigned: true);
        }

        Tile planes = Tile.Gray(values, width, largest, isSigned: true);
        byte[] rgb = [.. Enumerable.Range(0, values.Length).Select(i => planes.Rgb[3 * (order == ColorOrder.Bgr ? (i / 3 * 3) + 2 - (i % 3) : i)])];
        return new Tile(width, values.Length / 3 / width, rgb);
    }
}
