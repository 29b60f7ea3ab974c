using EdgeConv.Cli.Screen;
using EdgeConv.Converters;
using EdgeConv.Converters.CodeGen;

namespace EdgeConv.Cli.Files;

/// <summary>Weights for a program that was exported before: they fit where the code that this model would get is that program's.</summary>
internal static class SlotFit
{
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
        if (!Directory.Exists(program))
        {
            throw new FailureException($"'{program}' is not there; the folder of the program that the board runs was expected, as `edgeconv export --weights slot` wrote it.");
        }

        string? difference = code.Difference(path => Path.Combine(program, path) is var file && File.Exists(file) ? File.ReadAllText(file) : null);
        if (difference is not null)
        {
            throw new FailureException($"the weights of {source} do not fit the program in {program}: {difference}. What is in the code must be the same for both: export "
                + "with the same options as then, of a network of the same shape, or export the whole and flash the program.");
        }

        string path = Path.Combine(folder, weights.Path);
        OutputFile.EnsureWritable(path);
        AtomicFile.Write(path, weights.Binary!);
        terminal.Line($"wrote {path}, {Units.Bytes(weights.Binary!.Length)}: it fits the program in {program}, which stays as it is");
    }
}
