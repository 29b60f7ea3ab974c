using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeConv.Arm64Bench;

/// <summary>
/// A processor's pipeline as llvm-mca models it: a block is repeated, as if it followed itself, and costs the cycles of one repetition.
/// Caches, branch prediction and what one block leaves to the next are not in it.
/// </summary>
/// <param name="Program">llvm-mca of some version.</param>
/// <param name="Core">The processor, as LLVM calls it.</param>
/// <param name="IgnoresWriteBack">Strips the moving on of pointers from loads and stores, which some models make wait for the load.</param>
internal sealed partial record CycleModel(string Program, string Core, bool IgnoresWriteBack)
{
    /// <summary>What all assemblers here are told the processor has.</summary>
    public const string Attributes = "-mattr=+dotprod,+lse,+fullfp16,+crc";

    private const int Repetitions = 200;
    private static readonly ConcurrentDictionary<(CycleModel, string), double?> _known = new();

    /// <summary>Cycles of one pass, or null where llvm-mca does not know an instruction.</summary>
    public double? Cycles(IReadOnlyList<string> instructions)
    {
        string text = string.Join('\n', instructions.Select(Prepare));
        return _known.GetOrAdd((this, text), _ =>
        {
            ToolRun run = Tool.Try(
                $".block:\n{text}\n", Program, "-mtriple=aarch64-linux-gnu", Attributes, $"-mcpu={Core}", $"-iterations={Repetitions}",
                "-instruction-info=false", "-resource-pressure=false");
            Match cycles = TotalCycles().Match(run.Output);
            return run.Code == 0 && cycles.Success
                ? double.Parse(cycles.Groups[1].Value, CultureInfo.InvariantCulture) / Repetitions
                : null;
        });
    }

    /// <summary>As tables of versions show it.</summary>
    public override string ToString() => $"{Program} {Core}{(IgnoresWriteBack ? " without write-back" : "")}";

    /// <summary>An instruction as the model should see it: branches lead to the block itself, and calls are jumps, since llvm-mca charges any
    /// call a hundred cycles.</summary>
    internal string Prepare(string instruction)
    {
        string text = RelativeTarget().Replace(instruction, "$1.block");
        text = text.StartsWith("bl\t", StringComparison.Ordinal) ? "b\t" + text[3..] : text;
        text = text.StartsWith("blr\t", StringComparison.Ordinal) ? "br\t" + text[4..] : text;
        return IgnoresWriteBack ? PreIndex().Replace(PostIndex().Replace(text, "$1"), "$1") : text;
    }

    [GeneratedRegex(@"Total Cycles:\s+(\d+)")]
    private static partial Regex TotalCycles();

    [GeneratedRegex(@"^(b(?:\.\w+)?\t|bl\t|cbn?z\t\w+, |tbn?z\t\w+, #\d+, )#?-?\d+$")]
    private static partial Regex RelativeTarget();

    [GeneratedRegex(@"(\[(?:x\d+|sp)\]), (?:#-?\d+|x\d+)$")]
    private static partial Regex PostIndex();

    [GeneratedRegex(@"(\[(?:x\d+|sp), #-?\d+\])!$")]
    private static partial Regex PreIndex();
}
