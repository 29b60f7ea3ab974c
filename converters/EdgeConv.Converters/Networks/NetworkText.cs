using System.Globalization;
using System.Text;

namespace EdgeConv.Converters.Networks;

/// <summary>Writes a network as the text that <see cref="NetworkParser"/> reads.</summary>
public static class NetworkText
{
    /// <summary>What layers call the network's input.</summary>
    public const string Picture = "picture";

    /// <summary>A line a layer.</summary>
    public static string Write(NetworkDescription network)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"network {network.Name}\n");
        text.Append(CultureInfo.InvariantCulture, $"input {network.Input.Height}x{network.Input.Width}x{network.Input.Channels}\n");
        if (network.InitialGain != 1) text.Append(CultureInfo.InvariantCulture, $"gain {LayerText.Number(network.InitialGain)}\n");
        foreach (Layer layer in network.Layers)
        {
            if (layer.Name != null) text.Append(layer.Name).Append(": ");
            text.Append(layer.Text);
            if (layer is not JoinLayer && layer.From.Count > 0) text.Append(" from ").AppendJoin(' ', layer.From);
            text.Append('\n');
        }
        return text.ToString();
    }
}
