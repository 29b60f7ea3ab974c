using EdgeConv.Cli.Models;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Verification;
using EdgeConv.Cli.Yardstick;
using EdgeConv.Converters;
using EdgeConv.Converters.Data;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Quickstart;

/// <summary>Everything that `quickstart` found.</summary>
/// <param name="Training">The run folder.</param>
/// <param name="Model">The converted model.</param>
/// <param name="Conversion">With the quantization report.</param>
/// <param name="Paths">Targets by kernel paths.</param>
/// <param name="Evaluation">int8 on the test pictures.</param>
/// <param name="Bench">Times on this machine.</param>
/// <param name="Test">The test pictures.</param>
internal sealed record QuickstartResult(
    TrainingRun Training, Model Model, Conversion Conversion, IReadOnlyList<PathResult> Paths,
    Evaluation Evaluation, BenchResult Bench, IDataSet Test)
{
    /// <summary>Columns of <see cref="Rows"/>; '>' marks numbers.</summary>
    public static IReadOnlyList<string> Titles { get; } =
        ["board", ">float", ">int8", ">flash", ">arena", ">time", ">inputs", "bytes"];

    /// <summary>One row a board.</summary>
    public IEnumerable<IReadOnlyList<string>> Rows() => Paths.GroupBy(path => path.Target).Select(target => (IReadOnlyList<string>)
    [
        Board(target.Key),
        Units.Percent(FloatAccuracy),
        Units.Percent(Evaluation.Accuracy),
        Units.Bytes(Model.FileBytes),
        Units.Bytes(Model.ArenaBytes),
        target.Key == Verifier.Host ? Units.Time(Bench.Engines[0].MedianMilliseconds / 1e3) : "-",
        Units.Count(target.Max(path => path.Inputs)),
        Verdict([.. target]),
    ]);

    /// <summary>Accuracy before quantization, on the same pictures.</summary>
    public double FloatAccuracy => Conversion.Report.FloatAccuracy ?? Training.TestAccuracy;

    private string Board(string target) => target switch
    {
        Verifier.Host => $"this machine ({Bench.Path})",
        "cortex-a53" => "Pi 3, Zero 2 W (cortex-a53)",
        "cortex-a72" => "Pi 4 (cortex-a72)",
        "cortex-a76" => "Pi 5 (cortex-a76)",
        _ => target,
    };

    private static string Verdict(PathResult[] paths) =>
        paths is [{ Path: null }] ? "not available here"
        : Array.Find(paths, path => !path.Identical) is { } different ? $"DIFFERENT on {different.Path}"
        : $"identical, {paths.Length} paths";
}
