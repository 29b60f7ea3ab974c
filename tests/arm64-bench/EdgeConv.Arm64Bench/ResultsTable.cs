using System.Globalization;
using System.Text;
using EdgeConv.BenchNetworks;

namespace EdgeConv.Arm64Bench;

/// <summary>The committed results as Markdown, between two markers of a page.</summary>
internal static class ResultsTable
{
    /// <summary>Stands before the table.</summary>
    public const string Begin = "<!-- arm64-bench -->";

    /// <summary>Stands behind it.</summary>
    public const string End = "<!-- /arm64-bench -->";

    // Where a network is so small that calls weigh as much as arithmetic, instructions an inference say more.
    private const long Small = 1_000_000;

    /// <summary>The table of all processors.</summary>
    public static string Render(IReadOnlyList<BenchResults> results)
    {
        var text = new StringBuilder();
        text.Append("| modelled MAC/cycle (instructions/MAC) |");
        foreach (BenchResults cpu in results)
        {
            text.Append(CultureInfo.InvariantCulture, $" {PiCpu.Parse(cpu.Cpu).Title} | ONNX Runtime |");
        }

        text.Append('\n').Append("|---|").Insert(text.Length, "---|", 2 * results.Count).Append('\n');
        foreach (BenchNetwork network in BenchNetwork.All)
        {
            Measurement?[] cells =
                [.. results.SelectMany(r => (Measurement?[])[r.Ours(network.Name), r.OnnxRuntime(network.Name)])];
            if (cells.All(c => c is null))
            {
                continue;
            }

            bool isSmall = cells.OfType<Measurement>().All(c => c.MultiplyAccumulates < Small);
            Row(text, network.Title + (isSmall ? ", instructions an inference" : ""), cells, isSmall ? Instructions : Rate);
            if (isSmall)
            {
                Row(text, network.Title + ", instructions from process start to first result", cells, m => Thousands(m.StartInstructions));
            }
        }

        return text.ToString();
    }

    /// <summary>The table that a page shows.</summary>
    /// <exception cref="FormatException">The page has no markers.</exception>
    public static string In(string page)
    {
        (int begin, int end) = Markers(page);
        return page[begin..end];
    }

    /// <summary>The page with another table.</summary>
    /// <exception cref="FormatException">The page has no markers.</exception>
    public static string Replace(string page, string table)
    {
        (int begin, int end) = Markers(page);
        return page[..begin] + table + page[end..];
    }

    private static (int Begin, int End) Markers(string page)
    {
        int begin = page.IndexOf(Begin + "\n", StringComparison.Ordinal) + Begin.Length + 1, end = page.IndexOf(End, StringComparison.Ordinal);
        return begin > Begin.Length && end >= begin
            ? (begin, end)
            : throw new FormatException($"the page has no table between a line '{Begin}' and a line '{End}'");
    }

    private static void Row(StringBuilder text, string title, Measurement?[] cells, Func<Measurement, string> show)
    {
        text.Append(CultureInfo.InvariantCulture, $"| {title} |");
        foreach (Measurement? cell in cells)
        {
            text.Append(CultureInfo.InvariantCulture, $" {(cell is null ? "-" : show(cell))} |");
        }

        text.Append('\n');
    }

    private static string Rate(Measurement m)
    {
        string Number(double value) => value.ToString(value < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture);
        (string least, string most) = (Number(m.LeastMacsPerCycle), Number(m.MostMacsPerCycle));
        string perMac = m.PerMac.ToString(".000", CultureInfo.InvariantCulture);
        return $"{(least == most ? least : $"{least}-{most}")} ({perMac})";
    }

    private static string Instructions(Measurement m) => Thousands(m.Instructions);

    private static string Thousands(long value) => (value / 1000.0).ToString("#,0", CultureInfo.InvariantCulture) + " k";
}
