using System.Globalization;

namespace EdgeConv.Converters.Networks;

/// <summary>What can be chosen of a network; null leaves what the network is known for.</summary>
public sealed record NetworkOptions
{
    /// <summary>Rows of the input.</summary>
    public int? Height { get; init; }

    /// <summary>Columns of the input.</summary>
    public int? Width { get; init; }

    /// <summary>1 for grey, 3 for colour.</summary>
    public int? Channels { get; init; }

    /// <summary>Outputs.</summary>
    public int? Classes { get; init; }

    /// <summary>Filters and neurons of all layers but the last, as a multiple of the network's own.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>The partial connections of lenet5-1998.</summary>
    public bool ConnectionTable { get; init; }

    /// <summary>What <see cref="TryParseSize"/> reads, for messages.</summary>
    public const string SizeForm = "a side such as 64, or ROWSxCOLUMNS such as 48x64, from 1 to 4096";

    /// <summary>Reads 64 or 48x64.</summary>
    public static bool TryParseSize(string text, out int height, out int width)
    {
        string[] sides = text.Split('x');
        bool read = int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out height)
            & int.TryParse(sides[^1], NumberStyles.None, CultureInfo.InvariantCulture, out width);
        return read && sides.Length <= 2 && height is >= 1 and <= 4096 && width is >= 1 and <= 4096;
    }

    /// <summary>The input, where nothing else was chosen.</summary>
    internal FeatureShape Input(int height, int width, int channels) => new(Height ?? height, Width ?? width, Channels ?? channels);
}
