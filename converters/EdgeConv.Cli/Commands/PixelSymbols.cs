using System.CommandLine;
using System.Globalization;
using EdgeConv.Cli.Models;

namespace EdgeConv.Cli.Commands;

/// <summary>The options that say how pixels become the network's input, for a file that does not.</summary>
internal sealed class PixelSymbols
{
    private readonly Option<string?> _mean = new("--mean")
    {
        Description = "What training took off pixels from 0 to 1, one for all channels or one each. Default: as the file says, else 0.",
        HelpName = "n,...",
    };

    private readonly Option<string?> _std = new("--std")
    {
        Description = "What it divided by after that. Default: as the file says, else 1.",
        HelpName = "n,...",
    };

    /// <summary>In the order of the help.</summary>
    public IEnumerable<Option> All => [_mean, _std];

    /// <summary>The numbers; null when neither is given.</summary>
    /// <exception cref="UsageException">They are none.</exception>
    public Pixels? Of(ParseResult parsed)
    {
        (string? mean, string? std) = (parsed.GetValue(_mean), parsed.GetValue(_std));
        return mean is null && std is null ? null : new Pixels(Numbers("--mean", mean ?? "0", 0), Numbers("--std", std ?? "1", float.Epsilon));
    }

    private static float[] Numbers(string option, string text, float least)
    {
        float[] numbers = [.. text.Split(',').Select(part =>
            float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) ? number : float.NaN)];
        return numbers.Length is 1 or 3 && numbers.All(number => float.IsFinite(number) && number >= least)
            ? numbers
            : throw new UsageException($"{option} is '{text}'; it must be a number {(least > 0 ? "above" : "of at least")} 0, or one a channel "
                + "with commas between, such as 0.485,0.456,0.406.");
    }
}
