using System.Globalization;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.CodeGen;
using Spectre.Console;

namespace EdgeConv.Cli.Reports;

/// <summary>How generated C computes each layer, and what was not taken.</summary>
internal static class CodeReport
{
    /// <summary>A table for each kind of processor.</summary>
    public static void Print(CProject project, Terminal terminal)
    {
        foreach (IGrouping<string, CLayerChoice> kind in project.Choices.GroupBy(choice => choice.Processors))
        {
            terminal.Line($"{kind.Key}: {Number(kind.Sum(choice => choice.Instructions))} instructions an inference, estimated; {Units.Bytes(kind.Sum(choice => (long)choice.TableBytes))} of tables");
            Table table = Tables.Create("layer", "how", ">flash", ">buffer", ">instructions");
            foreach (CLayerChoice choice in kind)
            {
                table.Row(choice.Layer, choice.Algorithm, Number(choice.TableBytes), Number(choice.ScratchBytes), Number(choice.Instructions));
                foreach (string rejected in choice.Rejected)
                {
                    table.Row("", $"  not {rejected}", "", "", "");
                }
            }

            terminal.Block(table);
        }
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
