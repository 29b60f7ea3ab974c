using System.Globalization;
using EdgeConv.Cli.Files;
using EdgeConv.Runtime.Format;

namespace EdgeConv.Cli.Emulation;

/// <summary>
/// What a nanoCLR printed while it ran firmware/nanoframework/nanoclr/Program.cs. Its exit code says nothing: it is 0 after an exception as well, and
/// some faults end it without a word. So only a run whose last line of ours is there counts.
/// </summary>
internal sealed class NanoRun
{
    /// <summary>How a line begins that holds an output tensor in hexadecimal.</summary>
    public const string OutputWord = "edgeconv output";

    /// <summary>How the line begins that comes last: the number of outputs, and the checksum of all as the CLR computed it.</summary>
    public const string DoneWord = "edgeconv done";

    /// <summary>How the line begins that says what the model's own check of its golden vector found.</summary>
    public const string GoldenWord = "edgeconv golden";

    // "none" is a model without a golden vector.
    private static readonly string[] _fineGolden = ["ok", "none"];

    private const string ExceptionWord = "++++ Exception ", FrameMark = "++++";
    private const string ChecksumWord = "Invalid native checksum";

    private readonly ChildResult _result;
    private readonly string[] _lines;

    private NanoRun(ChildResult result)
    {
        _result = result;
        _lines = [.. result.Output.Split('\n').Select(line => line.Trim())];
    }

    /// <summary>Runs .pe files and judges what is said.</summary>
    /// <param name="tools">What runs them.</param>
    /// <param name="peFiles">References first.</param>
    /// <param name="expected">Output tensors of the reference.</param>
    /// <param name="limit">After which it counts as hung.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>What is wrong, in words; null when all bytes are the reference's.</returns>
    public static string? Problem(NanoTools tools, IEnumerable<string> peFiles, IReadOnlyList<byte[]> expected, TimeSpan limit, CancellationToken cancel)
    {
        (string program, string[] arguments) = tools.Run(peFiles);
        return new NanoRun(ChildProcess.Capture(program, arguments, cancel, limit: limit)).Problem(expected, limit);
    }

    private string? Problem(IReadOnlyList<byte[]> expected, TimeSpan limit)
    {
        string[] outputs = [.. Behind(OutputWord)];
        string after = $"after {outputs.Length} of {expected.Count} inputs";
        if (_result.IsCutOff)
        {
            return $"it hangs: no end within {limit.TotalSeconds:0} s, {after}";
        }

        // The CLR prints caught ones too: a model catches what a bad slot makes it throw, and then the program goes on to this line.
        int made = Array.FindLastIndex(_lines, line => line.StartsWith(GoldenWord, StringComparison.Ordinal)) + 1;
        if (Array.FindIndex(_lines, made, line => line.Contains(ExceptionWord, StringComparison.Ordinal)) is >= 0 and int at)
        {
            return $"it crashed {after}: {Exception(at)}";
        }

        if (Array.Find(_lines, line => line.Contains(ChecksumWord, StringComparison.Ordinal)) is { } mismatch)
        {
            return $"this nanoCLR has other native code than the assembly expects: {mismatch.Trim('*', ' ')}";
        }

        if (_result.ExitCode != 0)
        {
            return $"it crashed {after}: the nanoCLR itself ended with {_result.ExitCode}: {_result.LastWords}";
        }

        return Behind(DoneWord).LastOrDefault() is not { } done
            ? $"it ended {after} without its last line '{DoneWord}', as after an exception that nobody catches; its last words: {_result.LastWords}"
            : GoldenProblem() ?? Difference(outputs, expected) ?? WrongSum(done, expected);
    }

    private string? GoldenProblem()
    {
        string[] said = [.. Behind(GoldenWord)];
        return said.Length == 0
            ? $"it has no line '{GoldenWord}': the model's check of its golden vector did not run"
            : Array.Find(said, found => !_fineGolden.Contains(found)) is { } golden ? $"the check of its golden vector says: {golden}" : null;
    }

    private IEnumerable<string> Behind(string word) =>
        _lines.Where(line => line.StartsWith(word, StringComparison.Ordinal)).Select(line => line[word.Length..].Trim());

    // The line says the type; a message and the methods, the innermost first, are on the next ones.
    private string Exception(int at) =>
        string.Join(", ", _lines.Skip(at).TakeWhile(line => line.StartsWith(FrameMark, StringComparison.Ordinal)).Select(line => line.Trim('+', ' ')).Take(3));

    private static string? Difference(string[] outputs, IReadOnlyList<byte[]> expected)
    {
        for (int i = 0; i < expected.Count; i++)
        {
            if (i >= outputs.Length)
            {
                return $"it wrote {outputs.Length} outputs, {expected.Count} were expected";
            }

            string[] parts = outputs[i].Split(' ');
            string hex = Convert.ToHexString(expected[i]);
            if (parts.Length != 2 || parts[0] != i.ToString(CultureInfo.InvariantCulture) || parts[1].Length != hex.Length || !parts[1].All(char.IsAsciiHexDigitUpper))
            {
                return $"input {i}: '{outputs[i]}' is not its number and {expected[i].Length} bytes";
            }

            int same = parts[1].AsSpan().CommonPrefixLength(hex);
            if (same < hex.Length)
            {
                int index = same / 2;
                return $"input {i}, byte {index} of the output: {(sbyte)Convert.FromHexString(parts[1])[index]}, the reference has {(sbyte)expected[i][index]}";
            }
        }

        return null;
    }

    // Computed on the CLR from the same arrays: an output line that was mended on the way, or a count that is short, shows here.
    private static string? WrongSum(string done, IReadOnlyList<byte[]> expected)
    {
        uint crc = 0;
        foreach (byte[] output in expected)
        {
            crc = Crc32C.Compute(output, crc);
        }

        string right = $"{expected.Count} {crc:X8}";
        return done == right ? null : $"its last line says '{done}', expected '{right}': the checksum of all outputs differs";
    }
}
