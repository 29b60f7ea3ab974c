using System.Globalization;
using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Networks;

/// <summary>One line of a network file to one layer.</summary>
internal static class LayerParser
{
    private static readonly string[] _kinds =
        ["conv", "dw", "maxpool", "avgpool", "gap", "fc", "bn", "lrn", "dropout", "relu", "relu6", "tanh", "sigmoid", "add", "concat"];

    /// <exception cref="NetworkException">What is wrong, with file, line and column.</exception>
    public static Layer Parse(LineReader line, int? classes)
    {
        string? name = line.Peek() is { } first && first.EndsWith(':') ? line.Word("")[..^1] : null;
        if (name is "" or NetworkText.Picture) throw line.ErrorAtLast($"'{name}' cannot be a layer's name");
        string kind = line.Word("a layer");
        Layer layer = kind switch
        {
            "conv" => Convolution(line),
            "dw" => Depthwise(line),
            "maxpool" => Pool(line, (kernel, stride, padding) => new MaxPoolLayer(kernel, stride, padding)),
            "avgpool" => Pool(line, (kernel, stride, padding) => new AveragePoolLayer(kernel, stride, padding)),
            "gap" => new GlobalAverageLayer(),
            "fc" => new FullyConnectedLayer(Neurons(line, classes)),
            "bn" => new BatchNormLayer(),
            "lrn" => Normalization(line),
            "dropout" => new DropoutLayer(IsNumber(line) ? line.Number("the part that becomes 0", 0, 0.999f) : 0.5f),
            "relu" => new ActivationLayer(Activation.Relu),
            "relu6" => new ActivationLayer(Activation.Relu6),
            "tanh" => new ActivationLayer(Activation.Tanh),
            "sigmoid" => new ActivationLayer(Activation.Sigmoid),
            "add" => new AddLayer { From = [line.Word("the layer to add")] },
            "concat" => new ConcatLayer { From = Others(line) },
            "softmax" => throw line.ErrorAtLast("softmax is not written down: training adds it, and on a device the largest score is the answer"),
            _ => throw line.ErrorAtLast($"'{kind}' is no layer; there are {string.Join(", ", _kinds)}"),
        };
        if (layer is not JoinLayer && line.Take("from")) layer = layer with { From = [line.Word("the layer to read")] };
        line.End();
        return layer with { Name = name };
    }

    private static Layer Convolution(LineReader line)
    {
        var conv = new ConvLayer(line.Integer("the number of filters", 1, 65536), line.Kernel());
        while (!line.AtEnd && line.Peek() != "from")
        {
            if (line.Take("table")) return new TableConvLayer(conv.Kernel, Table(line, conv));
            conv = line.Take("groups") ? conv with { Groups = line.Integer("the number of groups", 1, 65536) }
                : line.Take("nobias") ? conv with { Bias = false }
                : line.Take("whiten") ? conv with { Start = InitialFilters.Whitening }
                : line.Take("stride") ? conv with { Stride = Stride(line) }
                : line.Take("pad") ? conv with { Padding = Padding(line, conv.Kernel) }
                : throw line.Error($"'{line.Peek()}' is not expected; stride, pad, groups, table, nobias, whiten or from is");
        }
        return conv;
    }

    private static DepthwiseLayer Depthwise(LineReader line)
    {
        var layer = new DepthwiseLayer(line.Kernel());
        while (!line.AtEnd && line.Peek() != "from")
        {
            layer = line.Take("nobias") ? layer with { Bias = false }
                : line.Take("stride") ? layer with { Stride = Stride(line) }
                : line.Take("pad") ? layer with { Padding = Padding(line, layer.Kernel) }
                : throw line.Error($"'{line.Peek()}' is not expected; stride, pad, nobias or from is");
        }
        return layer;
    }

    private static Layer Pool(LineReader line, Func<int, int, int, Layer> create)
    {
        int kernel = line.Kernel(), stride = kernel, padding = 0;
        while (!line.AtEnd && line.Peek() != "from")
        {
            if (line.Take("stride")) stride = Stride(line);
            else if (line.Take("pad")) padding = Padding(line, kernel);
            else throw line.Error($"'{line.Peek()}' is not expected; stride, pad or from is");
        }
        return create(kernel, stride, padding);
    }

    private static LrnLayer Normalization(LineReader line)
    {
        var layer = new LrnLayer();
        if (IsNumber(line)) layer = layer with { Size = line.Integer("the number of channels", 1, 255) };
        while (!line.AtEnd && line.Peek() != "from")
        {
            layer = line.Take("alpha") ? layer with { Alpha = line.Number("alpha", 0, 1000) }
                : line.Take("beta") ? layer with { Beta = line.Number("beta", 0, 10) }
                : line.Take("k") ? layer with { K = line.Number("k", 0.001f, 1000) }
                : throw line.Error($"'{line.Peek()}' is not expected; alpha, beta, k or from is");
        }
        return layer;
    }

    private static int Stride(LineReader line) => line.Integer("the stride", 1, 255);

    // same: the size stays, for an odd window with stride 1.
    private static int Padding(LineReader line, int kernel)
    {
        if (!line.Take("same")) return line.Integer("the padding", 0, 255);
        return kernel % 2 == 1 ? kernel / 2 : throw line.ErrorAtLast($"a {kernel}x{kernel} window has no middle, so no padding keeps the size");
    }

    private static int Neurons(LineReader line, int? classes) => line.Take("classes")
        ? classes ?? 10 // shown without a data set
        : line.Integer("the number of neurons", 1, 1 << 20);

    private static IReadOnlyList<string> Others(LineReader line)
    {
        var others = new List<string> { line.Word("a layer to join with") };
        while (!line.AtEnd) others.Add(line.Word(""));
        return others;
    }

    private static IReadOnlyList<IReadOnlyList<int>> Table(LineReader line, ConvLayer conv)
    {
        string word = line.Word("the table, such as 0,1|1,2");
        int[][] rows = [.. word.Split('|').Select(row => row.Split(',').Select(c =>
            int.TryParse(c, NumberStyles.None, CultureInfo.InvariantCulture, out int channel) && channel < 65536
                ? channel
                : throw line.ErrorAtLast($"'{c}' is no channel; rows of channels are expected, such as 0,1|1,2")).ToArray())];
        if (rows.Any(row => !row.SequenceEqual(row.Distinct().Order()))) throw line.ErrorAtLast("the channels of a row must ascend");
        if (conv is not { Stride: 1, Padding: 0, Groups: 1, Bias: true }) throw line.ErrorAtLast("a table goes without stride, pad, groups and nobias");
        return rows.Length == conv.Filters ? rows : throw line.ErrorAtLast($"the table has {rows.Length} rows for {conv.Filters} filters");
    }

    private static bool IsNumber(LineReader line) => line.Peek() is { } word && char.IsAsciiDigit(word[0]);
}
