using System.Text.RegularExpressions;

namespace EdgeConv.Arm64Bench;

/// <summary>From instruction words to the text that llvm-mca reads, all in one go.</summary>
internal static partial class Disassembler
{
    private const string Program = "llvm-mc-19";

    /// <summary>The text of each word; those that LLVM does not know are missing.</summary>
    public static Dictionary<string, string> Texts(IEnumerable<string> words)
    {
        IEnumerable<string> bytes = words.Select(w => $"0x{w[6..8]} 0x{w[4..6]} 0x{w[2..4]} 0x{w[..2]}");
        ToolRun run = Tool.Try(
            string.Join('\n', bytes) + "\n", Program, "--disassemble", "--show-encoding", "--triple=aarch64", CycleModel.Attributes);
        Dictionary<string, string> texts = [];
        foreach (Match line in Line().Matches(run.Output))
        {
            texts[line.Groups[5].Value + line.Groups[4].Value + line.Groups[3].Value + line.Groups[2].Value] = line.Groups[1].Value.Trim();
        }

        return texts;
    }

    [GeneratedRegex(@"^\t(.+?)\s*// encoding: \[0x(..),0x(..),0x(..),0x(..)\]", RegexOptions.Multiline)]
    private static partial Regex Line();
}
