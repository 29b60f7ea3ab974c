using EdgeConv.Cli.Emulation;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Verification;
using EdgeConv.Cli.Yardstick;
using EdgeConv.Converters.Boards;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Microcontrollers;

/// <summary>Counts what the C generated for a model does on emulated microcontrollers.</summary>
internal static class McuBench
{
    /// <summary>Processors from a list with commas.</summary>
    /// <exception cref="UsageException">One of them does not exist, or none is named.</exception>
    public static IReadOnlyList<string> ParseProcessors(string list)
    {
        string[] names = [.. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => name.ToLowerInvariant()).Distinct()];
        string known = string.Join(", ", EmulatedMcu.Names);
        return Array.Find(names, name => !EmulatedMcu.Names.Contains(name)) is { } unknown
            ? throw new UsageException($"'{unknown}' is no processor that bench counts on. There are {known}.")
            : names.Length > 0 ? names : throw new UsageException($"--on names no processor. There are {known}.");
    }

    /// <summary>Measures one processor after the other.</summary>
    /// <param name="model">The model.</param>
    /// <param name="processors">From <see cref="ParseProcessors"/>.</param>
    /// <param name="goal">What the C is to be best at; its processor is replaced.</param>
    /// <param name="other">The library beside it, or null.</param>
    /// <param name="terminal">For the progress.</param>
    /// <param name="cancel">Ends compilers and emulators.</param>
    /// <exception cref="FailureException">Something is not installed, or the bytes are not the reference's: then nothing is worth counting.</exception>
    public static IReadOnlyList<McuResult> Measure(
        Model model, IReadOnlyList<string> processors, CGoal goal, CmsisNn? other, Terminal terminal, CancellationToken cancel)
    {
        sbyte[] input = EdgeEngine.SomeInput(model);
        ParityInputs inputs = new("", 1, input.Length, input);
        McuResult[] results = new McuResult[processors.Count];
        terminal.Progress($"emulating {string.Join(", ", processors)}", processors.Count, report =>
        {
            foreach ((int index, string processor) in processors.Index())
            {
                results[index] = Measure(EmulatedMcu.Open(processor, cancel), model, inputs, goal with { Cpu = processor }, other, cancel);
                report(index + 1);
            }
        });
        return results;
    }

    private static McuResult Measure(EmulatedMcu mcu, Model model, ParityInputs inputs, CGoal goal, CmsisNn? other, CancellationToken cancel)
    {
        using TemporaryFolder folder = new();
        CProject project = CExport.Create(model, goal: goal);
        McuRun[] runs = mcu.Run(model, project, inputs, folder, cancel);
        if (EmulatedMcu.Difference(model, inputs, runs) is { } difference)
        {
            throw new FailureException($"{mcu.Name}: {difference}. `edgeconv verify --on {mcu.Name}` compares more.");
        }

        McuFootprint footprint = McuFootprint.Measure(mcu, folder, cancel);
        McuCycles cycles = McuCycles.Model(mcu, model.Operators.Count, folder, cancel);
        IReadOnlyList<CmsisNnLayer?> others = other?.Measure(mcu, model, inputs[0], cancel) ?? new CmsisNnLayer?[model.Operators.Count];
        McuLayer[] layers =
        [
            .. project.Choices.Index().Select(choice => new McuLayer(
                choice.Item.Layer, choice.Item.Algorithm, LayerCost.Of(model, model.Operators[choice.Index]).Macs,
                (long)Math.Round(runs[0].Ticks[choice.Index] * mcu.InstructionsATick), cycles.Of(choice.Index),
                others[choice.Index]?.Instructions, others[choice.Index]?.SameBytes)),
        ];
        return new McuResult(
            mcu.Name, goal.Optimize, layers.Sum(layer => layer.Instructions), cycles.Total, cycles.By, project.ArenaBytes, footprint.StackBytes, footprint.StackBound,
            footprint.CodeBytes, footprint.TableBytes, layers.Sum(layer => layer.Macs), layers, other is null ? null : Total(layers));
    }

    private static CmsisNnTotal Total(McuLayer[] layers)
    {
        McuLayer[] both = [.. layers.Where(layer => layer.CmsisNnInstructions is not null)];
        return new CmsisNnTotal(both.Sum(layer => layer.CmsisNnInstructions!.Value), both.Sum(layer => layer.Instructions), both.Length);
    }
}
