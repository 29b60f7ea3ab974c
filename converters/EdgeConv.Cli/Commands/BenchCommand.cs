using System.CommandLine;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Yardstick;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Cli.Commands;

/// <summary>`bench`: latency of batch 1, beside ONNX Runtime in the same run.</summary>
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
        Option<bool> json = SharedSymbols.Json();
        return Verb.Create(
            "bench",
            "Time a model, layer by layer and in all, beside ONNX Runtime.",
            ["edgeconv bench lenet5.ecm --path all", "edgeconv bench lenet5.ecm --explain",
                "edgeconv bench lenet5.ecm --against runs/lenet5/model.onnx --against lenet5.qdq.onnx"],
            [model, against, path, seconds, threads, explain, json],
            (parsed, cancel) =>
            {
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

    // The default path first: the others are compared with it.
    private static IReadOnlyList<KernelPath> Paths(string? name) => name?.ToLowerInvariant() == "all"
        ? [KernelPath.Default, .. KernelPath.All.Where(path => path.IsSupported && path != KernelPath.Default)]
        : [SharedSymbols.Resolve(name)];
}
