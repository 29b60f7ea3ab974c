using EdgeConv.Cli.Models;
using EdgeConv.Cli.Screen;
using Spectre.Console;

namespace EdgeConv.Cli.Reports;

/// <summary>What `run` says to people.</summary>
internal static class RunReport
{
    /// <summary>A line for one input, a table for several.</summary>
    public static void Print(IReadOnlyList<Classified> results, Terminal terminal)
    {
        if (results is [{ Top: [var answer] } single])
        {
            terminal.Line($"{answer.Label}  {Units.Percent(answer.Confidence, 1)}  {Units.Number(single.Milliseconds, 3)} ms");
            return;
        }

        Table table = Tables.Create("input", "class", ">confidence", ">ms");
        foreach (Classified result in results)
        {
            for (int i = 0; i < result.Top.Count; i++)
            {
                Answer answered = result.Top[i];
                table.Row(i == 0 ? result.Source : "", answered.Label, Units.Percent(answered.Confidence, 1),
                    i == 0 ? Units.Number(result.Milliseconds, 3) : "");
            }
        }

        terminal.Block(table);
    }
}
