using EdgeConv.Converters.Networks;
using EdgeConv.Trainer.Training;
using Spectre.Console;

namespace EdgeConv.Trainer.CommandLine;

/// <summary>A network, layer by layer.</summary>
internal static class NetworkTable
{
    public static Table Create(NetworkDescription network)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("layer", "what it does", "output");
        table.AddColumn(new TableColumn("parameters").RightAligned()).AddColumn(new TableColumn("MACs").RightAligned());
        foreach (PlacedLayer layer in network.Place())
        {
            string description = Markup.Escape(layer.Layer.Description);
            table.AddRow(layer.Name, description, layer.Output.ToString(), Number(layer.Parameters), Number(layer.Macs));
        }
        foreach (TableColumn column in table.Columns) column.PadLeft(0);   // LeNet-5 fits 80 columns
        return table.AddRow(network.Name, $"input {network.Input}", "", Number(network.Parameters), Number(network.Macs));
    }

    private static string Number(long value) => value == 0 ? "" : Counts.Of(value);
}
