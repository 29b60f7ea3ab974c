using Spectre.Console;

namespace EdgeConv.Cli.Screen;

/// <summary>Tables in one style: a line under the header, numbers to the right.</summary>
internal static class Tables
{
    /// <summary>An empty table.</summary>
    /// <param name="columns">Titles; one that begins with '>' is of numbers.</param>
    public static Table Create(params IEnumerable<string> columns)
    {
        Table table = new Table().Border(TableBorder.Simple);
        foreach (string column in columns)
        {
            bool number = column.StartsWith('>');
            TableColumn header = new(Markup.Escape(number ? column[1..] : column));
            table.AddColumn(number ? header.RightAligned().NoWrap() : header);
        }

        return table;
    }

    /// <summary>Adds a row of plain text; an empty string where a cell is null.</summary>
    public static void Row(this Table table, params IEnumerable<string?> cells) =>
        table.AddRow(cells.Select(cell => new Text(cell ?? "")));
}
