using System.Text;
using EdgeConv.Cli.Models;

namespace EdgeConv.Cli.Reports;

/// <summary>A model's card as Markdown, as a page, and for programs.</summary>
internal static class CardPage
{
    private const string MadeBy = "Model card, made by edgeconv inspect --card.";

    /// <summary>Markdown.</summary>
    public static string Markdown(ModelCard card)
    {
        StringBuilder text = new($"# {Plain(card.Name)}\n\n{MadeBy}\n");
        foreach (CardSection section in CardSections.Of(card))
        {
            text.Append($"\n## {section.Heading}\n\n");
            if (section.Text.Count > 0)
            {
                text.AppendJoin('\n', section.Text.Select(line => section.Text.Count == 1 ? Plain(line) : $"- {Plain(line)}")).Append('\n');
            }

            if (section.Titles.Count > 0)
            {
                text.Append(section.Text.Count > 0 ? "\n" : "");
                Row(text, section.Titles.Select(title => title.TrimStart('>')));
                Row(text, section.Titles.Select(title => title.StartsWith('>') ? "---:" : "---"));
                foreach (IReadOnlyList<string> row in section.Rows)
                {
                    Row(text, row);
                }
            }

            if (section.Commands.Count > 0)
            {
                text.Append("\n```bash\n").AppendJoin('\n', section.Commands).Append("\n```\n");
            }
        }

        return text.ToString();
    }

    /// <summary>A page.</summary>
    public static string Page(ModelCard card)
    {
        Html page = new(card.Name, MadeBy);
        foreach (CardSection section in CardSections.Of(card))
        {
            page.Section(section.Heading,
            [
                .. section.Text.Select(line => Html.Paragraph(line)),
                .. section.Titles.Count > 0 ? [Html.Table(section.Titles, section.Rows)] : Array.Empty<string>(),
                .. section.Commands.Count > 0 ? [Html.Code(section.Commands)] : Array.Empty<string>(),
            ]);
        }

        return page.ToString();
    }

    /// <summary>For programs.</summary>
    public static object ToJson(ModelCard card) => new
    {
        card.Name,
        card.Sha256,
        card.Licence,
        card.FlashBytes,
        card.ArenaBytes,
        card.Summary.Parameters,
        card.Summary.Macs,
        card.Input,
        card.Labels,
        card.Report?.FloatAccuracy,
        card.Report?.Int8Accuracy,
        TestImages = card.Report?.TestImages ?? 0,
        card.Classes,
        Boards = card.Boards.Select(fit => new { fit.Board.Id, fit.Fits, fit.FlashBytes, fit.RamBytes, fit.Time?.Seconds, fit.Time?.LowSeconds, fit.Time?.HighSeconds }),
        card.Origin,
        Unknown = card.Missing(),
        card.Note,
    };

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells.Select(Plain)).Append(" |\n");

    // A class may be called anything.
    private static string Plain(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
