using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace EdgeConv.Benchmarks;

/// <summary>A column that follows from the median time of a network on an engine.</summary>
/// <param name="name">Its heading.</param>
/// <param name="legend">What it says.</param>
/// <param name="value">Of a case with its median in seconds; null where there is none.</param>
internal sealed class MedianColumn(string name, string legend, Func<Summary, BenchmarkCase, double, string?> value) : IColumn
{
    /// <summary>Thousand million multiply-accumulates a second.</summary>
    public static MedianColumn Speed { get; } = new("GMAC/s", "Multiply-accumulates of the network by its median time", (_, run, seconds) =>
        Parameter(run, nameof(NetworkBenchmarks.Network)) is { } network
            ? (BenchFiles.Of(network).MultiplyAccumulates / seconds / 1e9).ToString("F1", CultureInfo.InvariantCulture)
            : null);

    public string Id => name;

    public string ColumnName => name;

    public string Legend => legend;

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    /// <summary>Median time by the median time of another engine on the same network; lower is better.</summary>
    public static MedianColumn RatioTo(string engine) => new($"/ {engine}", $"Median time by that of {engine} in the same run", (summary, run, seconds) =>
        summary.BenchmarksCases.FirstOrDefault(other => Parameter(other, nameof(NetworkBenchmarks.Engine)) == engine
            && Parameter(other, nameof(NetworkBenchmarks.Network)) == Parameter(run, nameof(NetworkBenchmarks.Network))) is { } anchor
            && Median(summary, anchor) is { } theirs
                ? (seconds / theirs).ToString("F2", CultureInfo.InvariantCulture)
                : null);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
        (Median(summary, benchmarkCase) is { } median ? value(summary, benchmarkCase, median) : null) ?? "-";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    private static double? Median(Summary summary, BenchmarkCase run) => summary[run]?.ResultStatistics?.Median / 1e9;

    // Null for other benchmarks than those of networks.
    private static string? Parameter(BenchmarkCase run, string parameter) => run.Parameters[parameter] as string;
}
