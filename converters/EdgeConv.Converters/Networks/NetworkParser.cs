using System.Globalization;

namespace EdgeConv.Converters.Networks;

/// <summary>
/// Reads a network from a text file, a layer a line:
/// <code>
/// network tiny              # optional; the file's name otherwise
/// input 28x28x1             # rows x columns x channels
/// conv 8 3x3 pad same nobias
/// bn
/// relu
/// trunk: maxpool 2x2        # a name, for other layers to read
/// conv 8 3x3 pad 1
/// add trunk
/// gap
/// fc classes                # as many as the data set has
/// </code>
/// Layers: conv FILTERS KxK [stride S] [pad P|same] [groups G] [table A,B|C...] [nobias] [whiten], dw KxK [stride S] [pad P|same] [nobias],
/// maxpool KxK [stride S] [pad P], avgpool KxK [stride S] [pad P], gap, fc NEURONS|classes, bn, lrn [N] [alpha A] [beta B] [k K],
/// dropout [PART], relu, relu6, tanh, sigmoid, add LAYER, concat LAYER...; each may end in: from LAYER. The network's input is called picture.
/// </summary>
public static class NetworkParser
{
    /// <summary>What network files end in.</summary>
    public const string Extension = ".net";

    /// <summary>Reads a file.</summary>
    /// <exception cref="NetworkException">What is wrong, with file, line and column.</exception>
    public static NetworkDescription Read(string path, NetworkOptions? options = null)
    {
        try
        {
            return Parse(File.ReadAllText(path), path, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NetworkException($"The network file {path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="path">For messages, and the network's name where the text has none.</param>
    /// <param name="options">Choices that go before the file's.</param>
    /// <exception cref="NetworkException">What is wrong, with file, line and column.</exception>
    public static NetworkDescription Parse(string text, string path, NetworkOptions? options = null)
    {
        options ??= new NetworkOptions();
        if (options.ConnectionTable) throw new UnknownNetworkException("--connection-table belongs to lenet5-1998; a network file has its own.");
        string name = Path.GetFileNameWithoutExtension(path);
        FeatureShape? input = null;
        float gain = 1;
        var layers = new List<Layer>();
        var lines = new List<LineReader>();
        foreach ((string content, int index) in text.Split('\n').Select((line, i) => (line, i)))
        {
            var line = new LineReader(content, path, index + 1);
            if (line.AtEnd) continue;
            switch (line.Peek())
            {
                case "network":
                    line.Word("");
                    name = line.Word("the network's name");
                    line.End();
                    break;
                case "input":
                    line.Word("");
                    input = Shape(line);
                    break;
                case "gain":
                    line.Word("");
                    gain = line.Number("the gain of the initial weights", 0.001f, 100);
                    line.End();
                    break;
                default:
                    if (input == null) throw line.Error("input ROWSxCOLUMNSxCHANNELS is expected before the first layer");
                    layers.Add(LayerParser.Parse(line, options.Classes));
                    lines.Add(line);
                    break;
            }
        }
        if (input is not { } size || layers.Count == 0)
            throw new NetworkException($"{path} has no layers. Begin with 'input 28x28x1', then a layer a line; end with 'fc classes'.");
        FeatureShape pictures = options.Input(size.Height, size.Width, size.Channels);
        return Check(new NetworkDescription(name, pictures, layers) { InitialGain = gain }, options, lines);
    }

    private static NetworkDescription Check(NetworkDescription network, NetworkOptions options, List<LineReader> lines)
    {
        network = NetworkScaling.Apply(network, options.Factor);
        try
        {
            network.Place();
        }
        catch (NetworkException e) when (e.Layer is { } layer)
        {
            throw new NetworkException($"{lines[layer].Place}: {e.Message}", e) { Layer = layer };
        }
        return options.Classes is not { } classes || network.Classes == classes ? network : throw new NetworkException(
            $"{lines[^1].Place}: the network ends in {network.Output()}, {classes} classes are expected. Let its last layer be 'fc classes'.");
    }

    private static string Output(this NetworkDescription network) => $"{network.Place()[^1].Name} of size {network.Place()[^1].Output}";

    private static FeatureShape Shape(LineReader line)
    {
        string word = line.Word("the size of the pictures, such as 28x28x1");
        string[] parts = word.Split('x');
        int[] numbers = [.. parts.Select(p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : 0)];
        if (numbers.Length != 3 || numbers.Any(n => n is < 1 or > 4096) || numbers[2] is not (1 or 3))
            throw line.ErrorAtLast($"'{word}' is no size; ROWSxCOLUMNSxCHANNELS with 1 or 3 channels is expected, such as 28x28x1");
        line.End();
        return new FeatureShape(numbers[0], numbers[1], numbers[2]);
    }
}
