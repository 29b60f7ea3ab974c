using System.Buffers;
using System.Globalization;
using EdgeConv.Converters.Data;

namespace EdgeConv.Converters.Augmentation;

/// <summary>
/// Changes one after the other, as a line of words: "rotate=12 scale=0.1 flip crop=4". The order of the words does not matter: shape first,
/// then colour, noise, and cutout last.
/// </summary>
public sealed class AugmentationPlan : IAugmentation
{
    /// <summary>What the words mean, for help.</summary>
    public const string Help =
        "rotate=DEGREES scale=PART shear=PART shift=PART elastic=PART zoom=PART crop=PIXELS flip flip-vertical color=LEVELS "
        + "brightness=LEVELS contrast=PART noise=LEVELS cutout=PIXELS, or handwriting (turn, scale, slant, shift, bend)";

    private const string HandwritingWord = "handwriting";

    private static readonly Dictionary<string, float> _most = new (string Name, float Most)[]
    {
        ("rotate", 180), ("scale", 0.9f), ("shear", 2), ("shift", 1), ("elastic", 1), ("zoom", 0.95f), ("crop", 1024),
        ("color", 255), ("brightness", 255), ("contrast", 1), ("noise", 255), ("cutout", 4096),
    }.ToDictionary(word => word.Name, word => word.Most, StringComparer.Ordinal);

    private static readonly string[] _flags = ["flip", "flip-vertical", HandwritingWord];

    private readonly IAugmentation[] _steps;

    private AugmentationPlan(string text, IAugmentation[] steps) => (Text, _steps) = (text, steps);

    /// <summary>The words.</summary>
    public string Text { get; }

    /// <summary>The changes, in order.</summary>
    public IReadOnlyList<IAugmentation> Steps => _steps;

    /// <summary>Reads the words; null for none at all.</summary>
    /// <exception cref="FormatException">A word is unknown or its value out of range; the message says what is expected.</exception>
    public static AugmentationPlan? Parse(string text)
    {
        var values = new Dictionary<string, float>(StringComparer.Ordinal);
        foreach (string word in text.Split([' ', ',', '\t'], StringSplitOptions.RemoveEmptyEntries)) Add(values, word);
        if (values.Count == 0 || values.Values.All(v => v == 0)) return null;

        float Value(string name) => values.GetValueOrDefault(name);
        var steps = new List<IAugmentation>();
        if (Value(HandwritingWord) > 0) steps.Add(Distortion.Handwriting);
        var distortion = new Distortion(Value("rotate"), Value("scale"), Value("shear"), Value("shift"), Value("elastic"));
        if (distortion != new Distortion(0, 0, 0, 0, 0)) steps.Add(distortion);
        if (Value("zoom") > 0) steps.Add(new RandomZoom(Value("zoom")));
        if (Value("crop") > 0) steps.Add(new RandomCrop((int)Value("crop")));
        if (Value("flip") > 0) steps.Add(new Mirror());
        if (Value("flip-vertical") > 0) steps.Add(new Mirror(Vertical: true));
        if (Value("color") > 0) steps.Add(new ColorShift(Value("color")));
        if (Value("brightness") > 0 || Value("contrast") > 0) steps.Add(new Brightness(Value("brightness"), Value("contrast")));
        if (Value("noise") > 0) steps.Add(new Noise(Value("noise")));
        if (Value("cutout") > 0) steps.Add(new Cutout((int)Value("cutout")));
        return new AugmentationPlan(text, [.. steps]);
    }

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<byte> source, Span<byte> target, int height, int width, ref SplitMix64 random)
    {
        if (_steps.Length == 1)
        {
            _steps[0].Apply(source, target, height, width, ref random);
            return;
        }
        byte[] scratch = ArrayPool<byte>.Shared.Rent(source.Length);
        Span<byte> between = scratch.AsSpan(0, source.Length);
        source.CopyTo(between);
        for (int i = 0; i < _steps.Length; i++)
        {
            _steps[i].Apply(between, target, height, width, ref random);
            if (i + 1 < _steps.Length) target.CopyTo(between);
        }
        ArrayPool<byte>.Shared.Return(scratch);
    }

    private static void Add(Dictionary<string, float> values, string word)
    {
        string[] parts = word.Split('=', 2);
        string name = parts[0].ToLowerInvariant();
        if (_flags.Contains(name))
        {
            if (parts.Length > 1) throw new FormatException($"'{word}': {name} has no value.");
            values[name] = 1;
            return;
        }
        if (!_most.TryGetValue(name, out float most)) throw new FormatException($"'{word}' is no augmentation. There are: {Help}.");
        bool whole = name is "crop" or "cutout";
        bool read = float.TryParse(parts.ElementAtOrDefault(1), NumberStyles.Float, CultureInfo.InvariantCulture, out float value);
        if (!read || !(value >= 0 && value <= most) || (whole && value != (int)value))
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                $"'{word}': {name}={(whole ? "a whole number" : "a number")} from 0 to {most} is expected."));
        }
        values[name] = value;
    }
}
