using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace EdgeConv.Cli.Reports;

/// <summary>A self-contained page: no script, no file beside it, readable on a phone, dark where the reader's system is.</summary>
internal sealed partial class Html(string title, string subtitle)
{
    private static readonly string _style = ReadStyle();

    private readonly StringBuilder _body = new();
    private readonly StringBuilder _more = new();

    /// <summary>Text that may hold anything.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A heading and what stands under it.</summary>
    public Html Section(string heading, params IEnumerable<string> parts)
    {
        _body.Append("<h2>").Append(Escape(heading)).Append("</h2>\n").AppendJoin('\n', parts).Append('\n');
        return this;
    }

    /// <summary>Rules of this page alone.</summary>
    public Html Style(string rules)
    {
        _more.Append('\n').Append(rules);
        return this;
    }

    /// <summary>A paragraph; what stands between backticks is a command.</summary>
    public static string Paragraph(string text, bool soft = false) =>
        $"<p{(soft ? " class=\"soft\"" : "")}>{Commands().Replace(Escape(text), "<code>$1</code>")}</p>";

    /// <summary>Large numbers with a word under each.</summary>
    public static string Facts(IEnumerable<(string Value, string Word)> facts)
    {
        IEnumerable<string> boxes = facts.Select(fact =>
            $"<div class=\"fact\"><b>{Escape(fact.Value)}</b><span>{Escape(fact.Word)}</span></div>");
        return $"<div class=\"facts\">{string.Concat(boxes)}</div>";
    }

    /// <summary>A table; a title that begins with '>' is of numbers.</summary>
    public static string Table(IReadOnlyList<string> titles, IEnumerable<IReadOnlyList<string>> rows)
    {
        string Class(int column) => titles[column].StartsWith('>') ? " class=\"number\"" : "";
        StringBuilder table = new("<div class=\"scroll\"><table><tr>");
        for (int i = 0; i < titles.Count; i++)
        {
            table.Append($"<th{Class(i)}>{Escape(titles[i].TrimStart('>'))}</th>");
        }

        foreach (IReadOnlyList<string> row in rows)
        {
            table.Append("</tr>\n<tr>");
            for (int i = 0; i < row.Count; i++)
            {
                table.Append($"<td{Class(i)}>{Escape(row[i])}</td>");
            }
        }

        return table.Append("</tr></table></div>").ToString();
    }

    /// <summary>Confusion matrix: right answers green, wrong ones red, the stronger the more.</summary>
    public static string Matrix(IReadOnlyList<string> labels, int[][] counts)
    {
        StringBuilder table = new("<div class=\"scroll\"><table class=\"matrix\"><tr><th></th>");
        table.AppendJoin("", labels.Select(label => $"<th>{Escape(label)}</th>")).Append("</tr>\n");
        int worst = Math.Max(1, counts.SelectMany((row, i) => row.Where((_, j) => j != i)).DefaultIfEmpty().Max());
        for (int i = 0; i < counts.Length; i++)
        {
            table.Append($"<tr><th>{Escape(labels[i])}</th>");
            int total = Math.Max(1, counts[i].Sum());
            for (int j = 0; j < counts[i].Length; j++)
            {
                double strength = i == j ? 0.45 * counts[i][j] / total : 0.6 * counts[i][j] / worst;
                string color = FormattableString.Invariant($"rgba(var(--{(i == j ? "hit" : "miss")}), {strength:F2})");
                table.Append(counts[i][j] == 0 ? "<td>0</td>" : $"<td style=\"background: {color}\">{counts[i][j]}</td>");
            }

            table.Append("</tr>\n");
        }

        return table.Append("</table></div>").ToString();
    }

    /// <summary>Small pictures with two lines under each.</summary>
    public static string Gallery(IEnumerable<(string Source, string Alt, string First, string Second)> pictures) =>
        $"<div class=\"gallery\">{string.Concat(pictures.Select(picture =>
            $"<figure><img src=\"{picture.Source}\" alt=\"{Escape(picture.Alt)}\"><figcaption>{Escape(picture.First)}<br>"
            + $"<span class=\"soft\">{Escape(picture.Second)}</span></figcaption></figure>\n"))}</div>";

    /// <summary>A picture as wide as the page allows.</summary>
    public static string Wide(string source, string alt) =>
        $"<div class=\"scroll\"><img class=\"wide\" src=\"{source}\" alt=\"{Escape(alt)}\"></div>";

    /// <summary>Commands.</summary>
    public static string Code(IEnumerable<string> lines) => $"<pre>{Escape(string.Join('\n', lines))}</pre>";

    /// <summary>The whole page.</summary>
    public override string ToString() => $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Escape(title)}</title>
        <style>
        {_style}{_more}
        </style>
        </head>
        <body>
        <h1>{Escape(title)}</h1>
        <p class="soft">{Escape(subtitle)}</p>
        {_body}
        </body>
        </html>
        """;

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Commands();

    private static string ReadStyle()
    {
        using Stream stream = typeof(Html).Assembly.GetManifestResourceStream("page.css")!;
        return new StreamReader(stream).ReadToEnd();
    }
}
