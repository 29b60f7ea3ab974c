using System.Globalization;

namespace EdgeConv.Arm64Bench;

/// <summary>A block at its place.</summary>
/// <param name="Address">Of its first instruction.</param>
/// <param name="Code">Its instructions, eight hexadecimal digits each.</param>
/// <param name="Runs">How often it ran.</param>
internal sealed record PlacedBlock(ulong Address, string Code, long Runs);

/// <summary>
/// QEMU ends a block at the end of a page, wherever that falls. A loop across it would be modelled as two blocks, and what overlaps in it
/// be lost, by where the linker happened to put it. A block that ends without a branch is put together with the one behind it here.
/// </summary>
internal static class CutBlocks
{
    private const int Word = 8;

    /// <summary>Runs by instructions, every block as long as it is.</summary>
    public static Dictionary<string, long> Join(IReadOnlyCollection<PlacedBlock> blocks)
    {
        // of two translations at one address nobody knows which came next
        Dictionary<ulong, PlacedBlock> alone = blocks.GroupBy(b => b.Address).Where(g => g.Count() == 1).ToDictionary(g => g.Key, g => g.Single());
        foreach (PlacedBlock block in blocks.OrderByDescending(b => b.Address))
        {
            if (alone.ContainsKey(block.Address) && !EndsInBranch(block.Code) && alone.TryGetValue(End(block), out PlacedBlock? next) && next.Runs >= block.Runs)
            {
                alone[next.Address] = next with { Runs = next.Runs - block.Runs };   // what jumps led to
                alone[block.Address] = block with { Code = $"{block.Code} {next.Code}" };
            }
        }

        Dictionary<string, long> runs = [];
        foreach (PlacedBlock block in blocks)
        {
            PlacedBlock whole = alone.GetValueOrDefault(block.Address, block);
            runs[whole.Code] = runs.GetValueOrDefault(whole.Code) + whole.Runs;
        }

        return runs;
    }

    /// <summary>Whether the last instruction may lead elsewhere, or into the system.</summary>
    internal static bool EndsInBranch(string code)
    {
        uint last = uint.Parse(code.AsSpan(code.Length - Word), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return (last & 0x7c00_0000) is 0x1400_0000 or 0x3400_0000   // b, bl; cbz, cbnz, tbz, tbnz
            || (last & 0xfe00_0000) is 0x5400_0000 or 0xd600_0000 || (last & 0xff00_0000) == 0xd400_0000;   // b.cond; br, blr, ret; svc
    }

    private static ulong End(PlacedBlock block) => block.Address + (ulong)BlockCounts.Length(block.Code) * sizeof(uint);
}
