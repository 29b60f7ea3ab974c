using System.CommandLine;
using EdgeConv.Converters.Networks;

namespace EdgeConv.Cli.Commands;

/// <summary>Options that choose size, width and classes of a network.</summary>
internal sealed class NetworkSymbols
{
    private readonly Option<string?> _size = new("--size") { Description = "Size of the input: a side, or ROWSxCOLUMNS.", HelpName = "size" };
    private readonly Option<int?> _channels = new("--channels") { Description = "1 for grey pictures, 3 for colour." };
    private readonly Option<int?> _classes = new("--classes") { Description = "Number of classes." };
    private readonly Option<double> _width = new("--width")
    {
        Description = "Filters and neurons, as a multiple of the network's own.",
        DefaultValueFactory = _ => 1,
    };
    private readonly Option<bool> _table = new("--connection-table") { Description = "The partial connections of lenet5-1998." };

    /// <summary>In the order of the help.</summary>
    public IEnumerable<Option> All => [_size, _channels, _classes, _width, _table];

    /// <summary>What was chosen.</summary>
    /// <exception cref="UsageException">Something that no network can have.</exception>
    public NetworkOptions Read(ParseResult parsed)
    {
        (int Height, int Width)? size = parsed.GetValue(_size) is { } text ? Size(text) : null;
        int? channels = parsed.GetValue(_channels), classes = parsed.GetValue(_classes);
        double width = parsed.GetValue(_width);
        if (channels is not (null or 1 or 3))
        {
            throw new UsageException($"--channels is {channels}; 1 or 3 is expected.");
        }

        if (!(width is >= 0.05 and <= 20))
        {
            throw new UsageException(FormattableString.Invariant($"--width is {width}; 0.05 to 20 is expected."));
        }

        return new NetworkOptions
        {
            Height = size?.Height,
            Width = size?.Width,
            Channels = channels,
            Classes = classes is null ? null : SharedSymbols.AtLeast(classes.Value, 1, "--classes"),
            Factor = width,
            ConnectionTable = parsed.GetValue(_table),
        };
    }

    private static (int Height, int Width) Size(string text) => NetworkOptions.TryParseSize(text, out int height, out int width)
        ? (height, width)
        : throw new UsageException($"--size is {text}; {NetworkOptions.SizeForm} is expected.");
}
