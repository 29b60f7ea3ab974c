using System.Globalization;
using System.Text.RegularExpressions;
using EdgeConv.Cli.Emulation;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Screen;

namespace EdgeConv.Cli.Microcontrollers;

/// <summary>
/// Cycles of each layer as LLVM's model of the pipeline has them: the emulator counts how often each block of instructions runs, and llvm-mca says what
/// a block costs that follows itself. Neither caches nor wait states of the flash nor mispredicted branches are in it.
/// </summary>
internal sealed partial class McuCycles
{
    private const string Modeller = "llvm-mca-19", Disassembler = "llvm-mc-19";
    private const string Triple = "thumbv8.1m.main-none-eabi";
    private const int Repetitions = 100;

    // udf #171, between two blocks.
    private const string Mark = "deab";

    // Rarer blocks are many and cost together next to nothing; they count as an average instruction.
    private const double LeastShare = 0.0005;

    private static readonly string[] _likeM4 = ["cortex-m3", "cortex-m33"];

    private readonly IReadOnlyDictionary<int, double> _layers;

    private McuCycles(string by, IReadOnlyDictionary<int, double> layers) => (By, _layers) = (by, layers);

    /// <summary>The model, or what is missing for one.</summary>
    public string By { get; }

    /// <summary>Of one inference; null where there is no model.</summary>
    public long? Total => _layers.Count > 0 ? (long)_layers.Values.Sum() : null;

    /// <summary>Of a layer; null where there is no model.</summary>
    public long? Of(int layer) => _layers.Count > 0 ? (long)_layers.GetValueOrDefault(layer) : null;

    /// <summary>Runs a program once more, with the plugin, and models what it ran.</summary>
    /// <param name="mcu">The processor.</param>
    /// <param name="layers">How many layers there are.</param>
    /// <param name="folder">Has program.elf and its input.</param>
    /// <param name="cancel">Ends all of it.</param>
    public static McuCycles Model(EmulatedMcu mcu, int layers, TemporaryFolder folder, CancellationToken cancel)
    {
        try
        {
            foreach (string tool in (string[])[Modeller, Disassembler, "gcc"])
            {
                ChildProcess.Capture(tool, ["--version"], cancel);
            }
        }
        catch (FailureException)
        {
            return new McuCycles("not modelled: needs llvm-mca-19 and gcc (Debian: apt-get install llvm-19 gcc)", new Dictionary<int, double>());
        }

        IReadOnlyList<LayerBlock> blocks = LayerBlock.Count(mcu, layers, folder, cancel);
        Dictionary<string, double> costs = Costs(mcu.Name, blocks, folder, cancel);
        double covered = blocks.Where(block => costs.ContainsKey(block.Code)).Sum(block => block.Instructions) / (double)blocks.Sum(block => block.Instructions);
        string like = _likeM4.Contains(mcu.Name) ? ", whose pipeline LLVM takes for the M4's" : "";
        return new McuCycles($"{Modeller} -mcpu={mcu.Name}{like}; {Units.Percent(covered, 1)} of the instructions modelled", blocks.GroupBy(block => block.Layer).ToDictionary(layer => layer.Key, layer => Sum(layer, costs)));
    }

    private static double Sum(IEnumerable<LayerBlock> blocks, Dictionary<string, double> costs)
    {
        ILookup<bool, LayerBlock> parts = blocks.ToLookup(block => costs.ContainsKey(block.Code));
        double cycles = parts[true].Sum(block => block.Runs * costs[block.Code]), instructions = parts[true].Sum(block => block.Instructions);
        return cycles + parts[false].Sum(block => block.Instructions) * (instructions > 0 ? cycles / instructions : 1);
    }

    /// <summary>Cycles by code, of the blocks that count.</summary>
    private static Dictionary<string, double> Costs(string processor, IReadOnlyList<LayerBlock> blocks, TemporaryFolder folder, CancellationToken cancel)
    {
        double least = blocks.Sum(block => block.Instructions) * LeastShare;
        string[] hot = [.. blocks.GroupBy(block => block.Code).Where(code => code.Sum(block => block.Instructions) >= least).Select(code => code.Key)];
        string bytes = folder.File("blocks.hex"), text = folder.File("blocks.s");
        File.WriteAllText(bytes, string.Concat(hot.Select(code => $"{string.Join('\n', code.Split(' ').Select(Bytes))}\n{Bytes(Mark)}\n")));
        ChildResult disassembled = ChildProcess.Capture(
            Disassembler, ["--disassemble", "--show-encoding", $"--triple={Triple}", $"-mcpu={processor}", bytes], cancel);
        Queue<Match> lines = new(Line().Matches(disassembled.Output));
        List<string> modelled = [], regions = [];
        foreach (string code in hot)
        {
            Match[] block = [.. UpToMark(lines)];
            if (block.Select(line => line.Groups[2].Value).SequenceEqual(code.Split(' ').Select(Encoding)))
            {
                regions.Add($"@ LLVM-MCA-BEGIN {modelled.Count}\n{string.Concat(block.Select(line => $"{line.Groups[1].Value.Trim()}\n"))}@ LLVM-MCA-END\n");
                modelled.Add(code);
            }
        }

        File.WriteAllText(text, string.Concat(regions));
        ChildResult costs = ChildProcess.Capture(
            Modeller, [$"-mtriple={Triple}", $"-mcpu={processor}", $"-iterations={Repetitions}", "-instruction-info=false", "-resource-pressure=false",
                "-call-latency=1", "-skip-unsupported-instructions=any", text], cancel);
        MatchCollection cycles = Cycles().Matches(costs.Output);
        return costs.ExitCode == 0 && cycles.Count > 0
            ? cycles.ToDictionary(region => modelled[int.Parse(region.Groups[1].Value, CultureInfo.InvariantCulture)],
                region => double.Parse(region.Groups[2].Value, CultureInfo.InvariantCulture) / Repetitions)
            : throw new FailureException($"{Modeller} does not model {processor}'s instructions: {costs.LastWords}");
    }

    // Of instructions that LLVM does not know it makes others; then the block is not modelled, and the mark is found all the same.
    private static IEnumerable<Match> UpToMark(Queue<Match> lines)
    {
        while (lines.TryDequeue(out Match? line) && line.Groups[2].Value != Encoding(Mark))
        {
            yield return line;
        }
    }

    private static string Encoding(string word) => Bytes(word).Replace(' ', ',');

    /// <summary>A word as its bytes lie in memory.</summary>
    private static string Bytes(string word) =>
        string.Join(' ', Enumerable.Range(1, word.Length / 2).Select(i => $"0x{word[^(2 * i)..(word.Length - 2 * i + 2)]}"));

    [GeneratedRegex(@"^\t(.+?)\s*@ encoding: \[([^\]]+)\]", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex(@"^\[\d+\] Code Region - (\d+)\s.*?^Total Cycles:\s+(\d+)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Cycles();
}
