using EdgeConv.Cli.Screen;
using EdgeConv.Converters;
using EdgeConv.Converters.CodeGen;

namespace EdgeConv.Cli.Files;

/// <summary>Weights for a program that was exported before: they fit where the code that this model would get is that program's.</summary>
internal static class SlotFit
{
    /// <summary>The version of new weights: a board takes no other than a higher one.</summary>
    /// <param name="program">The folder of the program.</param>
    /// <param name="image">Name of its image.</param>
    /// <param name="asked">What was asked for; null for one above that of the image there.</param>
    /// <exception cref="FailureException">Not higher, or what the board has is not known.</exception>
    public static uint Version(string program, string image, uint? asked)
    {
        if (!Directory.Exists(program))
        {
            throw new FailureException($"'{program}' is not there; the folder of the program that the board runs was expected, as `edgeconv export --weights slot` wrote it.");
        }

        return (Present(program, image), asked) switch
        {
            (null, null) => throw new FailureException($"there is no {image} in {program}, which says what version the board has; give --weights-version, higher than that."),
            (uint.MaxValue, _) => throw new FailureException($"{Path.Combine(program, image)} has version {uint.MaxValue}, and there is no higher one; export the whole and flash the program."),
            ({ } there, null) => there + 1,
            ({ } there, { } version) when version <= there => throw new FailureException(
                $"--weights-version is {version}, and {Path.Combine(program, image)} has {there}: the board would go on with that one. A higher one was expected; without the option it is {there + 1}."),
            _ => asked!.Value,
        };
    }

    /// <summary>Writes the weights alone, if they fit.</summary>
    /// <param name="source">The model file, for messages.</param>
    /// <param name="code">Of this model.</param>
    /// <param name="weights">Its image of weights.</param>
    /// <param name="program">The folder of the program.</param>
    /// <param name="folder">Gets the image.</param>
    /// <param name="terminal">Told what was written.</param>
    /// <exception cref="FailureException">They do not fit; the message has the first difference.</exception>
    public static void Write(string source, SlotCode code, CodeFile weights, string program, string folder, Terminal terminal)
    {
        string? difference = code.Difference(path => Path.Combine(program, path) is var file && File.Exists(file) ? File.ReadAllText(file) : null);
        if (difference is not null)
        {
            throw new FailureException($"the weights of {source} do not fit the program in {program}: {difference}. What is in the code must be the same for both: export "
                + "with the same EdgeConv and the same options as then, of a network of the same shape, or export the whole and flash the program.");
        }

        string path = Path.Combine(folder, weights.Path), before = Present(program, weights.Path) is { } there ? $", {Path.Combine(program, weights.Path)} has {there}" : "";
        OutputFile.EnsureWritable(path);
        AtomicFile.Write(path, weights.Binary!);
        terminal.Line($"wrote {path}, {Units.Bytes(weights.Binary!.Length)}: it fits the program in {program}, which stays as it is");
        terminal.Line($"its version is {SlotImage.VersionOf(weights.Binary)}{before}: a board that has got a higher one since needs --weights-version");
    }

    private static uint? Present(string program, string image)
    {
        string path = Path.Combine(program, image);
        return !File.Exists(path) ? null : SlotImage.VersionOf(File.ReadAllBytes(path))
            ?? throw new FailureException($"'{path}' is no image of weights: it does not begin with ECWS; put the one there that was exported with the program.");
    }
}
