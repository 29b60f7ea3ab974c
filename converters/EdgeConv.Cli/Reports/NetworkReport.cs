using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Networks;
using Spectre.Console;

namespace EdgeConv.Cli.Reports;

/// <summary>Networks before training: the list of known ones, and one explained.</summary>
internal static class NetworkReport
{
    /// <summary>Every known network that fits the options.</summary>
    public static void PrintAll(NetworkOptions options, bool json, Terminal terminal)
    {
        (KnownNetwork Known, NetworkDescription? Network, string? Problem)[] all = [.. KnownNetworks.All.Select(known => Create(known, options))];
        if (json)
        {
            terminal.Json(all.Select(n => new
            {
                n.Known.Name,
                n.Known.Summary,
                Input = n.Network is { } d ? Input(d) : null,
                n.Network?.Classes,
                n.Network?.Parameters,
                n.Network?.Macs,
                n.Network?.Int8Bytes,
                n.Problem,
            }));
            return;
        }

        Table table = Tables.Create("name", "input", ">classes", ">parameters", ">MACs", ">int8 size", "what it is");
        foreach ((KnownNetwork known, NetworkDescription? network, string? problem) in all)
        {
            table.Row(network is null
                ? [known.Name, "", "", "", "", "", problem]
                : [known.Name, $"{network.Input}", Units.Count(network.Classes), Units.Count(network.Parameters), Units.Count(network.Macs),
                    Units.Bytes(network.Int8Bytes), known.Summary]);
        }

        terminal.Block(table);
        terminal.Line("int8 size: weights, biases and multipliers of the .ecm. `edgeconv models NAME` explains one; --size, --channels, --classes and "
            + "--width change it.");
    }

    /// <summary>One network, with the arithmetic behind each number.</summary>
    public static void Print(NetworkDescription network, Terminal terminal)
    {
        terminal.Line($"{network.Name}, input {network.Input}");
        Table table = Tables.Create("layer", "reads", "what it does", "output", ">parameters", ">MACs", "how it comes about");
        IReadOnlyList<PlacedLayer> layers = network.Place();
        for (int i = 0; i < layers.Count; i++)
        {
            PlacedLayer layer = layers[i];
            string reads = layer.Sources is [var source] && source == i - 1 ? "" : string.Join(", ", layer.Sources.Select(Name));
            table.Row(layer.Name, reads, layer.Layer.Description, $"{layer.Output}", Count(layer.Parameters), Count(layer.Macs),
                string.Join("; ", layer.Layer.Explain(layer.Input)));
        }

        terminal.Block(table);
        terminal.Line("sizes: (n + 2p - f)/s + 1, rounded down, for n pixels, padding p, a filter of f pixels and stride s");
        terminal.Line($"parameters {Units.Count(network.Parameters)}, multiply-accumulates a picture {Units.Count(network.Macs)}, "
            + $"int8 {Units.Count(network.Int8Bytes)} bytes ({Units.Bytes(network.Int8Bytes)})");

        string Name(int index) => index < 0 ? "picture" : layers[index].Name;
    }

    /// <summary>One network for programs.</summary>
    public static object ToJson(NetworkDescription network) => new
    {
        network.Name,
        Input = Input(network),
        network.Classes,
        network.Parameters,
        network.Macs,
        network.Int8Bytes,
        Layers = network.Place().Select(layer => new
        {
            layer.Name,
            layer.Layer.Kind,
            layer.Layer.Description,
            layer.Sources,
            Output = new[] { layer.Output.Height, layer.Output.Width, layer.Output.Channels },
            layer.Parameters,
            layer.Macs,
            Explanation = layer.Layer.Explain(layer.Input),
        }),
        Text = NetworkText.Write(network),
    };

    private static (KnownNetwork, NetworkDescription?, string?) Create(KnownNetwork known, NetworkOptions options)
    {
        try
        {
            return (known, KnownNetworks.Create(known.Name, options), null);
        }
        catch (NetworkException e)
        {
            return (known, null, e.Message);
        }
    }

    private static int[] Input(NetworkDescription network) => [network.Input.Height, network.Input.Width, network.Input.Channels];

    private static string Count(long value) => value == 0 ? "" : Units.Count(value);
}
