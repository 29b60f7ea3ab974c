using System.Globalization;
using System.Text;
using EdgeConv.Converters.Quantization;

namespace EdgeConv.Cli.Reports;

/// <summary>
/// Pictures of numbers as SVG inside the page. Colours come from the page's style, so that they follow light and dark; text keeps its
/// size on every screen.
/// </summary>
internal static class Charts
{
    private const int Row = 40;
    private const int BinWidth = 4;
    private const int HistogramHeight = 80;
    private const int Cell = 32;
    private const int MostNumberedClasses = 20;
    private const int LongestLabel = 4;

    /// <summary>A bar a name, as long as its value; null is written as a word and has no bar.</summary>
    /// <param name="bars">Names, values, and what is written for null.</param>
    /// <param name="unit">Behind the values.</param>
    /// <param name="alt">What the picture shows, for those who cannot see it.</param>
    public static string Bars(IEnumerable<(string Name, double? Value)> bars, string unit, string alt)
    {
        (string Name, double? Value)[] all = [.. bars];
        double largest = Math.Max(all.Max(b => b.Value ?? 0), 1e-9);
        StringBuilder svg = new(Invariant($"<svg class=\"bars\" role=\"img\" aria-label=\"{Html.Escape(alt)}\" height=\"{all.Length * Row}\">"));
        foreach ((int i, (string name, double? value)) in all.Index())
        {
            int top = i * Row;
            string text = value is { } v ? Invariant($"{v:F1} {unit}") : "exact";
            double share = value is { } length ? Math.Clamp(length / largest, 0, 1) * 100 : 100;
            svg.Append(Invariant($"<text x=\"0\" y=\"{top + 16}\">{Html.Escape(name)}</text>"))
                .Append(Invariant($"<text class=\"value\" x=\"100%\" y=\"{top + 16}\">{text}</text>"))
                .Append(Invariant($"<rect class=\"track\" y=\"{top + 23}\" width=\"100%\" height=\"8\" rx=\"4\"/>"))
                .Append(Invariant($"<rect class=\"{(value is null ? "exact" : "bar")}\" y=\"{top + 23}\" width=\"{share:F2}%\" height=\"8\" rx=\"4\"/>"));
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>Small histograms beside one another, counts on a logarithmic scale, what is clipped shaded.</summary>
    public static string Histograms(IEnumerable<LayerReport> layers) =>
        $"<div class=\"histograms\">{string.Concat(layers.Where(l => l.Histogram is not null).Select(Histogram))}</div>";

    /// <summary>A confusion matrix: right answers green, wrong ones red, the stronger the more.</summary>
    /// <param name="title">Above it.</param>
    /// <param name="labels">One a class.</param>
    /// <param name="counts">[true class][answer].</param>
    /// <param name="link">Where a cell (true class, answer) that is not empty leads; null for none.</param>
    public static string Confusion(
        string title, IReadOnlyList<string> labels, int[][] counts, Func<int, int, string?>? link = null)
    {
        bool isNumbered = counts.Length <= MostNumberedClasses;
        int side = (counts.Length + 1) * Cell;
        int worst = Math.Max(1, counts.SelectMany((row, i) => row.Where((_, j) => j != i)).DefaultIfEmpty().Max());
        StringBuilder svg = new($"<figure class=\"confusion\"><figcaption>{Html.Escape(title)}</figcaption>");
        svg.Append($"<svg role=\"img\" aria-label=\"{Html.Escape(title)}\" viewBox=\"0 0 {side} {side}\">");
        for (int i = 0; i < counts.Length; i++)
        {
            int at = ((i + 1) * Cell) + (Cell / 2);
            if (isNumbered)
            {
                svg.Append($"<text class=\"label\" x=\"{Cell / 2}\" y=\"{at}\">{Short(labels, i)}</text>")
                    .Append($"<text class=\"label\" x=\"{at}\" y=\"{Cell / 2}\">{Short(labels, i)}</text>");
            }

            int total = Math.Max(1, counts[i].Sum());
            for (int j = 0; j < counts[i].Length; j++)
            {
                double strength = i == j ? 0.55 * counts[i][j] / total : 0.15 + (0.55 * counts[i][j] / worst);
                string name = $"{Name(labels, i)} taken for {Name(labels, j)}: {counts[i][j]}";
                string cell = CellOf(i, j, counts[i][j], strength, name, isNumbered);
                svg.Append(counts[i][j] > 0 && link?.Invoke(i, j) is { } target
                    ? $"<a href=\"{target}\" aria-label=\"{Html.Escape(name)}\">{cell}</a>"
                    : cell);
            }
        }

        return svg.Append("</svg></figure>").ToString();
    }

    private static string Histogram(LayerReport layer)
    {
        ValueHistogram histogram = layer.Histogram!;
        int width = histogram.Counts.Count * BinWidth;
        double largest = Math.Log(1 + Math.Max(histogram.Counts.Max(), 1));
        double At(double value) => Math.Clamp((value - histogram.Min) / (histogram.Max - histogram.Min), 0, 1) * width;
        StringBuilder svg = new($"<figure class=\"histogram\"><figcaption><b>{Html.Escape(layer.Name)}</b> ");
        svg.Append($"<span class=\"soft\">{Html.Escape(layer.Kind)}, {layer.Precision}</span></figcaption>")
            .Append($"<svg role=\"img\" aria-label=\"values of {Html.Escape(layer.Name)}\" viewBox=\"0 0 {width} {HistogramHeight}\" ")
            .Append("preserveAspectRatio=\"none\"><path class=\"bar\" d=\"");
        foreach ((int bin, long count) in histogram.Counts.Index().Where(b => b.Item > 0))
        {
            double height = Math.Log(1 + count) / largest * (HistogramHeight - 4);
            svg.Append(Invariant($"M{bin * BinWidth},{HistogramHeight}v-{height:F1}h{BinWidth - 0.6}V{HistogramHeight}z"));
        }

        (double low, double zero, double high) = (At(histogram.ClipMin), At(0), At(histogram.ClipMax));
        return svg.Append("\"/>")
            .Append(Invariant($"<rect class=\"clipped\" width=\"{low:F1}\" height=\"{HistogramHeight}\"/>"))
            .Append(Invariant($"<rect class=\"clipped\" x=\"{high:F1}\" width=\"{width - high:F1}\" height=\"{HistogramHeight}\"/>"))
            .Append(Invariant($"<path class=\"zero\" d=\"M{zero:F1},0V{HistogramHeight}\"/>"))
            .Append(Invariant($"<path class=\"edge\" d=\"M{low:F1},0V{HistogramHeight}M{high:F1},0V{HistogramHeight}\"/></svg>"))
            .Append(Invariant($"<div class=\"ends\"><span>{histogram.ClipMin:G3}</span><span class=\"soft\">{layer.SaturatedShare * 100:0.###} % clipped</span>"))
            .Append(Invariant($"<span>{histogram.ClipMax:G3}</span></div></figure>"))
            .ToString();
    }

    private static string CellOf(int row, int column, int count, double strength, string title, bool isNumbered)
    {
        (int x, int y) = ((column + 1) * Cell, (row + 1) * Cell);
        string color = row == column ? "hit" : "miss";
        string rect = count == 0
            ? ""
            : Invariant($"<rect x=\"{x + 1}\" y=\"{y + 1}\" width=\"{Cell - 2}\" height=\"{Cell - 2}\" rx=\"3\" class=\"{color}\" ")
                + Invariant($"fill-opacity=\"{strength:F2}\"><title>{Html.Escape(title)}</title></rect>");
        string text = isNumbered
            ? $"<text class=\"{(count == 0 ? "none" : "count")}\" x=\"{x + (Cell / 2)}\" y=\"{y + (Cell / 2)}\">{count}</text>"
            : "";
        return rect + text;
    }

    private static string Name(IReadOnlyList<string> labels, int i) =>
        i < labels.Count ? labels[i] : i.ToString(CultureInfo.InvariantCulture);

    private static string Short(IReadOnlyList<string> labels, int i)
    {
        string name = Name(labels, i);
        return Html.Escape(name.Length <= LongestLabel ? name : $"{name[..(LongestLabel - 1)]}\u2026");
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
