using System.Globalization;
using System.Text.RegularExpressions;
using EdgeConv.Cli.Emulation;
using EdgeConv.Cli.Files;

namespace EdgeConv.Cli.Microcontrollers;

/// <summary>What a model takes of a microcontroller when it is compiled by itself, as in a user's firmware, without the self-test's input.</summary>
/// <param name="CodeBytes">Sections of instructions.</param>
/// <param name="TableBytes">Sections of constants.</param>
/// <param name="StackBytes">As measured.</param>
/// <param name="StackBound">Of the compiler: frames along the deepest chain of calls below edgeconv_run.</param>
internal sealed partial record McuFootprint(int CodeBytes, int TableBytes, int StackBytes, int StackBound)
{
    private const string Size = "arm-none-eabi-size", Disassembler = "arm-none-eabi-objdump", Entry = "edgeconv_run";

    /// <summary>Compiles src/model.c in a folder, looks at the object, and runs it once for the stack.</summary>
    /// <param name="mcu">The processor.</param>
    /// <param name="folder">Has src/ and inputs.bin.</param>
    /// <param name="cancel">Ends compiler and emulator.</param>
    public static McuFootprint Measure(EmulatedMcu mcu, TemporaryFolder folder, CancellationToken cancel)
    {
        string sources = folder.File("src"), model = folder.File("model.o"), program = folder.File("stack.elf");
        mcu.Compile([Path.Combine(sources, "model.c"), "-c", .. EmulatedMcu.ModelFlags, "-DEDGECONV_NO_SELFTEST", "-fcallgraph-info=su"], model, cancel);
        mcu.Link([Path.Combine(mcu.Firmware, "qemu", "stack.c"), model, "-nostdlib", .. EmulatedMcu.ModelFlags, $"-I{sources}"], program, cancel);
        mcu.Emulate(program, [], cancel);
        ChildResult sizes = ChildProcess.Capture(Size, ["-A", model], cancel);
        return new McuFootprint(
            Section(sizes.Output, ".text"), Section(sizes.Output, ".rodata"), BitConverter.ToInt32(File.ReadAllBytes(folder.File("stack.bin"))),
            Deepest(File.ReadAllText(folder.File("model.ci")), ChildProcess.Capture(Disassembler, ["-d", model], cancel).Output));
    }

    /// <summary>Bytes of all sections whose names begin so.</summary>
    internal static int Section(string sizes, string name) => sizes.Split('\n')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(words => words.Length == 3 && (words[0] == name || words[0].StartsWith($"{name}.", StringComparison.Ordinal)))
        .Sum(words => int.Parse(words[1], CultureInfo.InvariantCulture));

    /// <summary>Stack of the deepest chain of calls from the model's entry. What is called elsewhere counts as nothing.</summary>
    /// <param name="graph">Calls and frames, as gcc writes them.</param>
    /// <param name="assembly">The disassembly: of functions written in assembly gcc does not know the frame.</param>
    internal static int Deepest(string graph, string assembly)
    {
        Dictionary<string, int> pushed = Pushed(assembly);
        Dictionary<string, int> frames = Node().Matches(graph).ToDictionary(node => node.Groups[1].Value, node => Math.Max(
            int.Parse(node.Groups[3].Value, CultureInfo.InvariantCulture), pushed.GetValueOrDefault(node.Groups[2].Value)));
        ILookup<string, string> calls = Edge().Matches(graph).ToLookup(edge => edge.Groups[1].Value, edge => edge.Groups[2].Value);
        return Below(Entry, []);

        int Below(string function, HashSet<string> above) => above.Contains(function) ? 0
            : frames.GetValueOrDefault(function) + calls[function].Select(called => Below(called, [.. above, function])).DefaultIfEmpty(0).Max();
    }

    /// <summary>By function, what it pushes in all places: that is its frame where there is one, as in functions written in assembly.</summary>
    private static Dictionary<string, int> Pushed(string assembly)
    {
        Dictionary<string, int> bytes = [];
        string function = "";
        foreach (string line in assembly.Split('\n'))
        {
            function = Start().Match(line) is { Success: true } start ? start.Groups[1].Value : function;
            int more = Push().Match(line) is { Success: true } push ? (push.Groups[1].Value.Count(c => c == ',') + 1) * sizeof(int)
                : PushVectors().Match(line) is { Success: true } vectors ? (Number(vectors.Groups[2]) - Number(vectors.Groups[1]) + 1) * sizeof(double)
                : Reserve().Match(line) is { Success: true } reserve ? Number(reserve.Groups[1]) : 0;
            bytes[function] = bytes.GetValueOrDefault(function) + more;
        }

        return bytes;

        static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("""^node: \{ title: "([^"]+)" label: "([^"\\]+)[^"]*?(\d+) bytes \(""", RegexOptions.Multiline)]
    private static partial Regex Node();

    [GeneratedRegex("""^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)""", RegexOptions.Multiline)]
    private static partial Regex Edge();

    [GeneratedRegex("^[0-9a-f]+ <([^>]+)>:")]
    private static partial Regex Start();

    [GeneratedRegex(@"\t(?:push|stmdb\tsp!,)\s*\{([^}]+)\}")]
    private static partial Regex Push();

    [GeneratedRegex(@"\tvpush\s*\{d(\d+)-d(\d+)\}")]
    private static partial Regex PushVectors();

    [GeneratedRegex(@"\tsub(?:\.w)?\tsp, (?:sp, )?#(\d+)")]
    private static partial Regex Reserve();
}
