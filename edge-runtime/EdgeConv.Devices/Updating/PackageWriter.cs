using EdgeConv.Devices.Frames;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Devices.Updating;

/// <summary>What whoever signs a model adds to what the model says itself.</summary>
/// <param name="Version">The model's version number.</param>
public sealed record SigningOptions(long Version)
{
    /// <summary>The oldest agent that may run it.</summary>
    public Version MinimumAgent { get; init; } = new(0, 1, 0);

    /// <summary>The longest that an inference may take on the board.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>
    /// Kernel paths whose golden vectors must give their bytes here before anything is signed: all that this machine has. The plain loops recorded them,
    /// and take minutes for large networks.
    /// </summary>
    public IReadOnlyList<KernelPath> CheckedOn { get; init; } = [.. KernelPath.All.Where(path => path.IsSupported && path != KernelPath.Reference)];

    /// <summary>Pictures that it must know.</summary>
    public IReadOnlyList<LabelledFrame> Frames { get; init; } = [];

    /// <summary>The part of them, 0 to 1.</summary>
    public double LeastAccuracy { get; init; }

    /// <summary>SHA-256 of the training data, in hex, or null.</summary>
    public string? DataHash { get; init; }

    /// <summary>SHA-256 of the training run, in hex, or null.</summary>
    public string? TrainingHash { get; init; }

    /// <summary>The version number of a moment: yyyyMMddHHmmss in UTC, which grows with time.</summary>
    public static long VersionOf(DateTime moment) =>
        long.Parse(moment.ToUniversalTime().ToString("yyyyMMddHHmmss", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Makes packages and detached signatures.</summary>
public static class PackageWriter
{
    /// <summary>Checks a model as a board will, and says what is in it.</summary>
    /// <param name="bytes">The .ecm file.</param>
    /// <param name="options">What is added.</param>
    /// <exception cref="ModelFormatException">It is no model.</exception>
    /// <exception cref="PackageException">A board would refuse it.</exception>
    public static PackageManifest Describe(ReadOnlySpan<byte> bytes, SigningOptions options)
    {
        using Model model = Model.Load(bytes);
        if (model.GoldenVectors.Count == 0)
        {
            throw new PackageException(UpdateReason.SelfTest,
                $"{model.Name} carries no golden vectors, so that a board cannot test it. Convert it again with pictures to calibrate with.");
        }

        IReadOnlyList<KernelPath> paths = options.CheckedOn;
        if (paths.FirstOrDefault(path => SelfTest.Run(model, path) is not null) is { } wrong)
        {
            throw new PackageException(UpdateReason.SelfTest, $"{model.Name}: its selftest fails here on {wrong.Name}; `edgeconv verify` shows where. Nothing was signed.");
        }

        string[] texts = [model.Name, .. model.Labels];
        if (texts.FirstOrDefault(text => text.Any(char.IsControl)) is { } odd)
        {
            throw new PackageException(UpdateReason.BadModel, $"the name \"{string.Concat(odd.Where(letter => !char.IsControl(letter)))}\" has control characters in it, which no head of a package may have.");
        }

        CheckFrames(model, options.Frames);
        byte[] frames = LabelledFrames.Write(options.Frames);
        return new PackageManifest
        {
            Name = model.Name,
            Version = options.Version,
            RoundingRule = RoundingRule,
            ModelBytes = bytes.Length,
            ModelHash = SignedModel.HashOf(bytes),
            FramesBytes = frames.Length,
            FramesHash = SignedModel.HashOf(frames),
            Operators = OperatorsOf(model),
            Paths = [.. paths.Select(path => path.Name)],
            Labels = model.Labels,
            MinimumAgent = options.MinimumAgent,
            DataHash = options.DataHash,
            TrainingHash = options.TrainingHash,
            Latency = options.Latency,
            LeastAccuracy = options.LeastAccuracy,
        };
    }

    /// <summary>The head: in a file of its own a detached signature, before model and frames a package.</summary>
    /// <param name="manifest">What is signed.</param>
    /// <param name="key">Who signs, or null for a package that nobody signed.</param>
    public static byte[] Head(PackageManifest manifest, SigningKey? key)
    {
        PackageHead head = new(manifest, key?.Fingerprint, []);
        return (key is null ? head : head with { Signature = key.Sign(head.Signed()) }).Bytes();
    }

    /// <summary>A whole package.</summary>
    public static byte[] Write(PackageManifest manifest, SigningKey? key, ReadOnlySpan<byte> model, IReadOnlyList<LabelledFrame> frames) =>
        [.. Head(manifest, key), .. model, .. LabelledFrames.Write(frames)];

    private static void CheckFrames(Model model, IReadOnlyList<LabelledFrame> frames)
    {
        for (int i = 0; i < frames.Count; i++)
        {
            string? wrong = frames[i].Class >= 0 && frames[i].Class < model.Output.Length ? null
                : $"{frames[i].Name ?? $"labelled frame {i}"}: class {frames[i].Class}, and {model.Name} has {model.Output.Length}, from 0.";
            try
            {
                _ = LabelledFrames.Decode(frames, i, model.Name);
            }
            catch (FrameException error)
            {
                wrong ??= error.Message;
            }

            if (wrong is not null)
            {
                throw new PackageException(UpdateReason.BadModel, $"{wrong} A board would refuse the package for it; nothing was signed.");
            }
        }
    }

    /// <summary>The only rounding rule there is.</summary>
    internal const int RoundingRule = 1;

    /// <summary>The kinds of a model's operators, sorted.</summary>
    internal static IReadOnlyList<string> OperatorsOf(Model model) =>
        [.. model.Operators.Select(op => op.GetType().Name).Select(name => name.EndsWith("Op", StringComparison.Ordinal) ? name[..^2] : name)
            .Distinct().Order(StringComparer.Ordinal)];
}
