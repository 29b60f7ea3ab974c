using System.Net;
using System.Text;

namespace EdgeConv.Cli.Reports;

/// <summary>A self-contained page: no script, no file beside it, readable on a phone, dark where the reader's system is.</summary>
internal sealed class Html(string title, string subtitle)
{
    private const string Style = """
        :root { color-scheme: light dark; --text: #1c1e21; --soft: #5c6370; --line: #d9dce1; --page: #ffffff; --panel: #f5f6f8; --good: #1a7f37; --hit: 26, 127, 55; --miss: 207, 34, 46; }
        @media (prefers-color-scheme: dark) { :root { --text: #e4e6eb; --soft: #9aa1ac; --line: #3a3f47; --page: #16181c; --panel: #1f2227; --good: #4ac26b; --hit: 63, 185, 80; --miss: 248, 81, 73; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 62rem; background: var(--page); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
        h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 2.4rem 0 .6rem; }
        p { margin: .4rem 0; } .soft { color: var(--soft); }
        .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .7rem; margin: 1.2rem 0; }
        .fact { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .7rem .9rem; }
        .fact b { display: block; font-size: 1.3rem; line-height: 1.3; font-variant-numeric: tabular-nums; } .fact span { color: var(--soft); font-size: .85rem; }
        .scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
        th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; } th { color: var(--soft); font-weight: 600; }
        .number { text-align: right; } .good { color: var(--good); } table.matrix td, table.matrix th { padding: .25rem .45rem; text-align: right; }
        .gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(6.2rem, 1fr)); gap: .7rem; }
        figure { margin: 0; text-align: center; font-size: .8rem; line-height: 1.35; } figure img { width: 100%; max-width: 7rem; image-rendering: pixelated; border-radius: .35rem; border: 1px solid var(--line); }
        img.wide { max-width: 100%; height: auto; background: #ffffff; border-radius: .5rem; border: 1px solid var(--line); }
        pre { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; overflow-x: auto; font-size: .85rem; }
        """;

    private readonly StringBuilder _body = new();

    /// <summary>Text that may hold anything.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A heading and what stands under it.</summary>
    public Html Section(string heading, params IEnumerable<string> parts)
    {
        _body.Append("<h2>").Append(Escape(heading)).Append("</h2>\n").AppendJoin('\n', parts).Append('\n');
        return this;
    }

    /// <summary>A paragraph.</summary>
    public static string Paragraph(string text, bool soft = false) => $"<p{(soft ? " class=\"soft\"" : "")}>{Escape(text)}</p>";

    /// <summary>Large numbers with a word under each.</summary>
    public static string Facts(IEnumerable<(string Value, string Word)> facts) =>
        $"<div class=\"facts\">{string.Concat(facts.Select(fact => $"<div class=\"fact\"><b>{Escape(fact.Value)}</b><span>{Escape(fact.Word)}</span></div>"))}</div>";

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
                string color = counts[i][j] == 0 ? "" : FormattableString.Invariant($" style=\"background: rgba(var(--{(i == j ? "hit" : "miss")}), {strength:F2})\"");
                table.Append($"<td{color}>{counts[i][j]}</td>");
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
    public static string Wide(string source, string alt) => $"<img class=\"wide\" src=\"{source}\" alt=\"{Escape(alt)}\">";

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
        {Style}
        </style>
        </head>
        <body>
        <h1>{Escape(title)}</h1>
        <p class="soft">{Escape(subtitle)}</p>
        {_body}
        </body>
        </html>
        """;
}
