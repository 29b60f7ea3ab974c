using System.Globalization;
using System.Text;

namespace EdgeConv.Cli.Reports;

/// <summary>Curves over the epochs of a training, as SVG in the page's colours; the words around it keep their size.</summary>
internal static class LineChart
{
    private const int Width = 400;
    private const int Height = 160;

    /// <summary>One chart.</summary>
    /// <param name="title">Above it.</param>
    /// <param name="curves">Name and a value an epoch; the first is drawn in the page's main colour.</param>
    /// <param name="format">A value as text.</param>
    public static string Draw(string title, IReadOnlyList<(string Name, IReadOnlyList<double> Values)> curves, Func<double, string> format)
    {
        double[] all = [.. curves.SelectMany(curve => curve.Values).Where(double.IsFinite)];
        (double low, double high) = all.Length == 0 ? (0, 1) : (all.Min(), all.Max());
        high = high > low ? high : low + 1;
        StringBuilder chart = new($"<figure class=\"curve\"><figcaption><b>{Html.Escape(title)}</b>");
        foreach ((int i, (string name, IReadOnlyList<double> values)) in curves.Index())
        {
            chart.Append($" <span class=\"key line{i}\">{Html.Escape(name)} {format(values[^1])}</span>");
        }

        chart.Append($"</figcaption><div class=\"plot\"><div class=\"scale soft\"><span>{format(high)}</span><span>{format(low)}</span></div>")
            .Append($"<svg role=\"img\" aria-label=\"{Html.Escape(title)} by epoch\" viewBox=\"0 0 {Width} {Height}\" preserveAspectRatio=\"none\">");
        foreach ((int i, (_, IReadOnlyList<double> values)) in curves.Index())
        {
            // A single epoch is a line across: of one point nothing is drawn.
            IReadOnlyList<double> drawn = values.Count == 1 ? [values[0], values[0]] : values;
            string points = string.Join(' ', drawn.Index().Where(p => double.IsFinite(p.Item)).Select(p => string.Create(
                CultureInfo.InvariantCulture,
                $"{p.Index * (double)Width / Math.Max(1, drawn.Count - 1):F1},{Height - ((p.Item - low) / (high - low) * Height):F1}")));
            chart.Append($"<polyline class=\"line{i}\" points=\"{points}\"/>");
        }

        int epochs = curves.Max(curve => curve.Values.Count);
        return chart.Append($"</svg></div><div class=\"ends soft\"><span>epoch 1</span><span>{epochs}</span></div></figure>").ToString();
    }
}
