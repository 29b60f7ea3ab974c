using EdgeConv.Cli.Screen;
using EdgeConv.Converters;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Quantization;

namespace EdgeConv.Cli.Models;

/// <summary>Float graph to model file with progress; what `convert`, `export` and `quickstart` share.</summary>
/// <param name="Source">Run folder or .onnx.</param>
/// <param name="Calibration">Data set whose training part sets the ranges.</param>
/// <param name="Test">Data set whose test part measures accuracy; null for none.</param>
/// <param name="Method">How ranges are chosen.</param>
/// <param name="Images">Calibration pictures.</param>
internal sealed record ConversionRun(string Source, string Calibration, string? Test, CalibrationMethod Method, int Images)
{
    /// <summary>Names on the command line.</summary>
    public static IReadOnlyDictionary<string, CalibrationMethod> Methods { get; } = new Dictionary<string, CalibrationMethod>
    {
        ["minmax"] = CalibrationMethod.MinMax,
        ["percentile"] = CalibrationMethod.Percentile,
        ["mse"] = CalibrationMethod.MeanSquaredError,
        ["entropy"] = CalibrationMethod.Entropy,
    };

    /// <summary>Choices beyond the data and the method.</summary>
    public ConversionOptions Options { get; init; } = new();

    /// <summary>Does it.</summary>
    /// <exception cref="OnnxImportException">The network cannot be taken over.</exception>
    /// <exception cref="DataSetException">Pictures are missing or broken.</exception>
    public Conversion Run(Terminal terminal, CancellationToken cancel)
    {
        Graph graph = GraphSource.Read(Source);
        IDataSet calibration = DataSets.Open(Calibration, Split.Train);
        IDataSet? test = Test is null ? null : DataSets.Open(Test, Split.Test);
        ConversionOptions options = Options with
        {
            Method = Method,
            CalibrationImages = Images,
            Metadata =
            [
                new("source", Path.GetFileName(Path.GetFullPath(Source))),
                new("calibration", $"{calibration.Name}, {Math.Min(Images, calibration.Count)} pictures"),
            ],
        };
        Conversion? conversion = null;
        terminal.Stages(show => conversion = Converter.Convert(graph, calibration, test, options, new Relay(show), cancel));
        return conversion!;
    }

    // System.Progress would report late, from another thread.
    private sealed class Relay(Action<string, long, long> show) : IProgress<ConversionProgress>
    {
        public void Report(ConversionProgress value) => show(value.Stage, value.Done, value.Total);
    }
}
