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
/// <param name="Images">Calibration pictures; null for as many as the network's size allows.</param>
internal sealed record ConversionRun(string Source, string Calibration, string? Test, CalibrationMethod Method, int? Images)
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
        Graph? read = null;
        terminal.Stages(show => read = GraphSource.Read(Source, new Nodes(show)));
        Graph graph = read!;
        IDataSet calibration = DataSets.Open(Calibration, Split.Train);
        IDataSet? test = Test is null ? null : DataSets.Open(Test, Split.Test);
        (int images, int compared) = Pictures(graph, calibration, terminal);
        ConversionOptions options = Options with
        {
            Method = Method,
            CalibrationImages = images,
            ComparedImages = compared,
            Metadata =
            [
                new("source", Path.GetFileName(Path.GetFullPath(Source))),
                new("calibration", $"{calibration.Name}, {Math.Min(images, calibration.Count)} pictures"),
            ],
        };
        Conversion? conversion = null;
        terminal.Stages(show => conversion = Converter.Convert(graph, calibration, test, options, new Relay(show), cancel));
        return conversion!;
    }

    private (int Calibration, int Compared) Pictures(Graph graph, IDataSet calibration, Terminal terminal)
    {
        Effort effort = Effort.For(graph);
        if (Images is null && effort.CalibrationImages < Math.Min(Effort.UsefulImages, calibration.Count))
        {
            terminal.Note($"calibrating on {effort.CalibrationImages} pictures instead of {Math.Min(Effort.UsefulImages, calibration.Count)}, since one takes "
                + $"{Units.Number(effort.Macs / 1e9, 1)} billion multiplications; --images says otherwise");
        }

        return (Images ?? effort.CalibrationImages, Math.Min(Options.ComparedImages, effort.ComparedImages));
    }

    private sealed class Nodes(Action<string, long, long> show) : IProgress<(int Done, int Total)>
    {
        public void Report((int Done, int Total) value) => show("Reading the network", value.Done, value.Total);
    }

    // System.Progress would report late, from another thread.
    private sealed class Relay(Action<string, long, long> show) : IProgress<ConversionProgress>
    {
        public void Report(ConversionProgress value) => show(value.Stage, value.Done, value.Total);
    }
}
