using System.CommandLine;
using EdgeConv.Cli.Emulation;
using EdgeConv.Cli.Microcontrollers;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Yardstick;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Cli.Commands;

/// <summary>`bench`: latency of batch 1, beside ONNX Runtime in the same run; or instructions of generated C on microcontrollers.</summary>
internal static class BenchCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = SharedSymbols.Model();
        Option<string[]> against = new("--against")
        {
            Description = "An ONNX form of the network (float or QDQ), timed in ONNX Runtime; may be given several times.",
            HelpName = "model.onnx",
            DefaultValueFactory = _ => [],
        };
        Option<string?> path = SharedSymbols.Path(" 'all' times each that this processor supports.");
        Option<double> seconds = new("--seconds")
        {
            Description = "Time for all engines together.",
            DefaultValueFactory = _ => 3,
            HelpName = "s",
        };
        Option<int> threads = SharedSymbols.Threads(" ONNX Runtime gets as many.");
        Option<bool> explain = new("--explain")
        {
            Description = "Say of each layer which algorithm runs and why, and how near it comes to what this processor can do.",
        };
        Option<string?> on = new("--on")
        {
            Description = $"Emulated microcontrollers, with commas: {string.Join(", ", EmulatedMcu.Names)}. Counts what generated C takes there: instructions a layer, modelled cycles, RAM, stack, flash.",
            HelpName = "processors",
        };
        CodeSymbols code = new("With --on", "With --on", "RAM of the arena");
        Option<string?> cmsis = new("--cmsis-nn")
        {
            Description = "With --on: a checkout of CMSIS-NN, whose functions are run on the same layers beside ours.",
            HelpName = "folder",
        };
        Option<bool> json = SharedSymbols.Json();
        return Verb.Create(
            "bench",
            "Time a model, layer by layer and in all, beside ONNX Runtime; or count what it takes of a microcontroller.",
            ["edgeconv bench lenet5.ecm --path all", "edgeconv bench lenet5.ecm --explain",
                "edgeconv bench lenet5.ecm --against runs/lenet5/model.onnx --against lenet5.qdq.onnx",
                "edgeconv bench lenet5.ecm --on cortex-m4,cortex-m7", "edgeconv bench lenet5.ecm --on cortex-m55 --cmsis-nn ../CMSIS-NN"],
            [model, against, path, seconds, threads, explain, on, .. code.Limits, cmsis, json],
            (parsed, cancel) =>
            {
                if (parsed.GetValue(on) is { } processors)
                {
                    if (Array.Find<Option>([against, path, seconds, threads, explain], option => IsGiven(parsed, option)) is { } host)
                    {
                        throw new UsageException($"{host.Name} times this machine; it does not go with --on.");
                    }

                    return OnMicrocontrollers(parsed.GetRequiredValue(model), processors, code.Of(parsed), parsed.GetValue(cmsis), parsed.GetValue(json), terminal, cancel);
                }

                if (code.Limits.Append(cmsis).FirstOrDefault(option => IsGiven(parsed, option)) is { } given)
                {
                    throw new UsageException($"{given.Name} goes with --on.");
                }

                double duration = parsed.GetValue(seconds);
                if (duration is not (> 0 and <= 3600))
                {
                    throw new UsageException($"--seconds is {duration}; more than 0 and at most 3600 was expected.");
                }

                IReadOnlyList<KernelPath> paths = Paths(parsed.GetValue(path));
                int workers = SharedSymbols.Threads(parsed.GetValue(threads));
                using Model opened = ModelFile.Open(parsed.GetRequiredValue(model));
                BenchResult result = BenchResult.Measure(
                    opened, paths, parsed.GetRequiredValue(against), duration, workers, parsed.GetValue(explain), terminal, cancel);
                if (parsed.GetValue(json))
                {
                    terminal.Json(result);
                }
                else
                {
                    BenchReport.Print(result, terminal);
                }

                return ExitCode.Done;
            });
    }

    private static int OnMicrocontrollers(
        string file, string list, CGoal goal, string? cmsis, bool json, Terminal terminal, CancellationToken cancel)
    {
        IReadOnlyList<string> processors = McuBench.ParseProcessors(list);
        CmsisNn? other = cmsis is null ? null : CmsisNn.Open(cmsis);
        using Model model = ModelFile.Open(file);
        IReadOnlyList<McuResult> results = McuBench.Measure(model, processors, goal, other, terminal, cancel);
        if (json)
        {
            terminal.Json(new { Model = model.Name, Results = results });
        }
        else
        {
            McuReport.Print(model.Name, results, terminal);
        }

        return ExitCode.Done;
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    // The default path first: the others are compared with it.
    private static IReadOnlyList<KernelPath> Paths(string? name) => name?.ToLowerInvariant() == "all"
        ? [KernelPath.Default, .. KernelPath.All.Where(path => path.IsSupported && path != KernelPath.Default)]
        : [SharedSymbols.Resolve(name)];
}
