using System.Globalization;

namespace EdgeConv.Arm64Bench;

/// <summary>How often each block of instructions ran. The same instructions at two places are one block: addresses change from run to run.</summary>
/// <param name="Total">Instructions in all.</param>
/// <param name="Runs">Runs by the block's instructions, eight hexadecimal digits each.</param>
internal sealed record BlockCounts(long Total, IReadOnlyDictionary<string, long> Runs)
{
    private const string TotalWord = "total ";
    private const int DigitsAndSpace = 9;

    /// <summary>Instructions of a block.</summary>
    public static int Length(string code) => (code.Length + 1) / DigitsAndSpace;

    /// <summary>Reads what the plugin wrote.</summary>
    /// <exception cref="ToolException">Not such a text, or cut off.</exception>
    public static BlockCounts Parse(TextReader text)
    {
        string first = text.ReadLine() ?? "";
        if (!first.StartsWith(TotalWord, StringComparison.Ordinal)
            || !long.TryParse(first.AsSpan(TotalWord.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long total))
        {
            throw new ToolException($"'{first}' was found where the plugin writes 'total' and a number; did the emulated program end well?");
        }

        List<PlacedBlock> blocks = [];
        while (text.ReadLine() is { } line)
        {
            blocks.Add(ParseBlock(line));
        }

        long sum = blocks.Sum(b => b.Runs * Length(b.Code));
        return sum == total
            ? new BlockCounts(total, CutBlocks.Join(blocks))
            : throw new ToolException($"The plugin's blocks add up to {sum} instructions and its total is {total}: the text is cut off.");
    }

    /// <summary>What this run did more than another: of 2N and N inferences, N inferences without start and end.</summary>
    public BlockCounts Minus(BlockCounts other)
    {
        Dictionary<string, long> runs = new(Runs);
        foreach ((string code, long count) in other.Runs)
        {
            runs[code] = runs.GetValueOrDefault(code) - count;
        }

        return new BlockCounts(Total - other.Total, runs);
    }

    private static PlacedBlock ParseBlock(string line)
    {
        string[] parts = line.Split(' ', 3);
        return parts.Length == 3 && (parts[2].Length + 1) % DigitsAndSpace == 0 && parts[1].StartsWith('@')
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long runs)
            && ulong.TryParse(parts[1].AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong address)
            ? new PlacedBlock(address, parts[2], runs)
            : throw new ToolException($"'{line[..Math.Min(40, line.Length)]}' is no block of the plugin: a count, an address and instructions were expected.");
    }
}
