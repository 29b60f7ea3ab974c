using System.CommandLine;
using EdgeConv.Converters;
using EdgeConv.Converters.Quantization;

namespace EdgeConv.Cli.Commands;

/// <summary>The options that say what a network is quantized to and what is done for its accuracy.</summary>
internal sealed class PrecisionSymbols
{
    private const string Largest = "auto";

    private static readonly Dictionary<string, ActivationScheme> _schemes = new()
    {
        ["asymmetric"] = ActivationScheme.Asymmetric,
        ["symmetric"] = ActivationScheme.Symmetric,
        ["power-of-two"] = ActivationScheme.PowerOfTwo,
    };

    private readonly Option<string> _activations = new("--activations")
    {
        Description = $"Scales and zero points of activations: {string.Join(", ", _schemes.Keys)}.",
        HelpName = "name",
        DefaultValueFactory = _ => "asymmetric",
    };

    private readonly Option<bool> _equalize = new("--equalize")
    {
        Description = "Give the channels between two layers the same range first; float answers stay.",
    };

    private readonly Option<bool> _correctBias = new("--correct-bias")
    {
        Description = "Let biases take back what rounded weights move.",
    };

    private readonly Option<bool> _sensitivity = new("--sensitivity")
    {
        Description = "Say what each layer alone costs in int8.",
    };

    private readonly Option<double?> _maxDrop = new("--max-drop")
    {
        Description = "Move the most sensitive layers to 16x8 until the accuracy is at most so many points under float.",
        HelpName = "points",
    };

    private readonly Option<string?> _wide = new("--wide")
    {
        Description = "Layers with int16 activations (16x8): convolutions, fully connected, activations, sums, products, concatenations.",
        HelpName = "layer,...",
    };

    private readonly Option<string?> _int4 = new("--int4")
    {
        Description = $"Layers with int4 weights; '{Largest}' with --max-drop: the largest, while the drop holds.",
        HelpName = "layer,...",
    };

    /// <summary>In the order of the help.</summary>
    public IEnumerable<Option> All => [_activations, _equalize, _correctBias, _sensitivity, _maxDrop, _wide, _int4];

    /// <summary>The choices, for the rest of the options to be added.</summary>
    /// <exception cref="UsageException">A name or number that is not one, or options that contradict each other.</exception>
    public ConversionOptions Options(ParseResult parsed, bool hasTest)
    {
        double? maxDrop = parsed.GetValue(_maxDrop);
        string[] int4 = Names(parsed.GetValue(_int4));
        bool shrink = int4 is [Largest];
        if (maxDrop is { } points && (!double.IsFinite(points) || points < 0))
        {
            throw new UsageException($"--max-drop is {points}; it must be a number of percentage points, 0 or more.");
        }

        if (maxDrop is not null && !hasTest)
        {
            throw new UsageException("--max-drop counts on labelled test pictures, and --no-test leaves them out; give one of the two.");
        }

        if (shrink && maxDrop is null)
        {
            throw new UsageException($"--int4 {Largest} goes as far as --max-drop allows; give that too, or name the layers.");
        }

        return new ConversionOptions
        {
            Quantizer = new QuantizerOptions
            {
                Activations = Scheme(parsed.GetRequiredValue(_activations)),
                Wide = Names(parsed.GetValue(_wide)),
                Int4 = shrink ? [] : int4,
            },
            Equalize = parsed.GetValue(_equalize),
            CorrectBias = parsed.GetValue(_correctBias),
            MeasureSensitivity = parsed.GetValue(_sensitivity),
            MaxDropPoints = maxDrop,
            ShrinkWeights = shrink,
        };
    }

    private static ActivationScheme Scheme(string name) => _schemes.TryGetValue(name.ToLowerInvariant(), out ActivationScheme scheme)
        ? scheme
        : throw new UsageException($"there are no activations '{name}'. There are {string.Join(", ", _schemes.Keys)}.");

    private static string[] Names(string? list) =>
        list?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
