using System.CommandLine;
using EdgeConv.Cli.Models;
using EdgeConv.Converters;
using EdgeConv.Converters.Quantization;

namespace EdgeConv.Cli.Commands;

/// <summary>The options that say how ranges are found.</summary>
internal sealed class CalibrationSymbols
{
    private readonly Option<string?> _data = new("--calibrate")
    {
        Description = "Pictures like those that the device will see; the training part is used. A network that arrives quantized needs none.",
        HelpName = "name or folder",
    };

    private readonly Option<string> _method = new("--method")
    {
        Description = $"How ranges are chosen: {string.Join(", ", ConversionRun.Methods.Keys)}.",
        HelpName = "name",
        DefaultValueFactory = _ => "minmax",
    };

    private readonly Option<int?> _images = new("--images")
    {
        Description = $"Calibration pictures. Default: {Effort.UsefulImages}, fewer for a network that takes long.",
        HelpName = "n",
    };

    /// <summary>In the order of the help.</summary>
    public IEnumerable<Option> All => [_data, _method, _images];

    /// <summary>The data set; null when not given.</summary>
    public string? Data(ParseResult parsed) => parsed.GetValue(_data);

    /// <summary>The method.</summary>
    /// <exception cref="UsageException">There is none of that name.</exception>
    public CalibrationMethod Method(ParseResult parsed) =>
        ConversionRun.Methods.TryGetValue(parsed.GetRequiredValue(_method).ToLowerInvariant(), out CalibrationMethod method)
            ? method
            : throw new UsageException($"there is no calibration method '{parsed.GetValue(_method)}'. "
                + $"There are {string.Join(", ", ConversionRun.Methods.Keys)}.");

    /// <summary>The number of pictures; null when not given.</summary>
    /// <exception cref="UsageException">Less than one.</exception>
    public int? Images(ParseResult parsed) => parsed.GetValue(_images) is { } images ? SharedSymbols.AtLeast(images, 1, "--images") : null;
}
