namespace EdgeConv.Arm64Bench;

/// <summary>A block that takes part in a measured run.</summary>
/// <param name="Instructions">As text.</param>
/// <param name="Runs">How often it ran in one inference.</param>
/// <param name="Cycles">Modelled cycles of one pass, on each model.</param>
internal sealed record HotBlock(IReadOnlyList<string> Instructions, double Runs, IReadOnlyList<double> Cycles);

/// <summary>The cycles of one inference.</summary>
/// <param name="Cycles">On each model of the processor.</param>
/// <param name="Covered">Share of the instructions whose blocks were modelled; the rest is taken to cost as much each.</param>
/// <param name="Blocks">Those with the most cycles first.</param>
internal sealed record ModelledCycles(IReadOnlyList<double> Cycles, double Covered, IReadOnlyList<HotBlock> Blocks)
{
    // Rarer blocks are many and cost together next to nothing.
    private const double LeastShare = 0.0002;

    /// <summary>Models every block that counts.</summary>
    /// <param name="counts">Of <paramref name="inferences"/> inferences.</param>
    /// <param name="inferences">Divides the counts.</param>
    /// <param name="models">Those of one processor.</param>
    public static ModelledCycles Of(BlockCounts counts, int inferences, IReadOnlyList<CycleModel> models)
    {
        string[] hot = [.. counts.Runs.Where(r => r.Value * BlockCounts.Length(r.Key) >= counts.Total * LeastShare).Select(r => r.Key)];
        Dictionary<string, string> texts = Disassembler.Texts(hot.SelectMany(code => code.Split(' ')).Distinct());
        string[] known = [.. hot.Where(code => code.Split(' ').All(texts.ContainsKey))];
        HotBlock[] blocks =
        [
            .. known.AsParallel().Select(code => Model(code, texts, counts.Runs[code] / (double)inferences, models)).OfType<HotBlock>()
                .OrderByDescending(b => b.Runs * b.Cycles[0]),
        ];
        double instructions = blocks.Sum(b => b.Runs * b.Instructions.Count), all = counts.Total / (double)inferences;
        return new ModelledCycles(
            [.. models.Select((_, m) => blocks.Sum(b => b.Runs * b.Cycles[m]) * all / instructions)], instructions / all, blocks);
    }

    private static HotBlock? Model(string code, Dictionary<string, string> texts, double runs, IReadOnlyList<CycleModel> models)
    {
        string[] instructions = [.. code.Split(' ').Select(word => texts[word])];
        double?[] cycles = [.. models.Select(m => m.Cycles(instructions))];
        return cycles.All(c => c is not null) ? new HotBlock(instructions, runs, [.. cycles.Select(c => c!.Value)]) : null;
    }
}
