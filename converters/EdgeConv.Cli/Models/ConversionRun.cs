using System.Security.Cryptography;
using EdgeConv.Cli.Commands;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Quantization;

namespace EdgeConv.Cli.Models;

/// <summary>Network to model file with progress; what `convert`, `export` and `quickstart` share.</summary>
/// <param name="Source">Run folder, .onnx or .tflite.</param>
/// <param name="Calibration">Data set whose training part sets the ranges; null for a network that arrives quantized.</param>
/// <param name="Test">Data set whose test part measures accuracy; null for none.</param>
/// <param name="Method">How ranges are chosen.</param>
/// <param name="Images">Calibration pictures; null for as many as the network's size allows.</param>
internal sealed record ConversionRun(string Source, string? Calibration, string? Test, CalibrationMethod Method, int? Images)
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

    /// <summary>How pixels were prepared in training, where the user says so.</summary>
    public Pixels? Pixels { get; init; }

    /// <summary>What the user typed, for the model's card; null where it was nobody's command.</summary>
    public string? Command { get; init; }

    /// <summary>Whose terms the model is under, in its metadata; null for none.</summary>
    public string? Licence { get; init; }

    /// <summary>Does it.</summary>
    /// <exception cref="OnnxImportException">The network cannot be taken over.</exception>
    /// <exception cref="DataSetException">Pictures are missing or broken.</exception>
    public Conversion Run(Terminal terminal, CancellationToken cancel)
    {
        SourceNetwork? read = null;
        terminal.Stages(show => read = GraphSource.Open(Source, new Nodes(show)));
        SourceNetwork network = read!;
        if (GraphSource.TrainedQuantized(Source) is { } trained)
        {
            terminal.Note($"{trained} comes from quantization-aware training: its integers and scales are taken over");
        }

        PictureInput? picture = Pixels?.For(network);
        IDataSet? calibration = Calibration is null ? null : DataSetFile.Open(Calibration, Split.Train, terminal, cancel);
        IDataSet? test = Test is null ? null : DataSetFile.Open(Test, Split.Test, terminal, cancel);
        (int images, int compared) = Pictures(network, calibration, terminal);
        ConversionOptions options = Options with
        {
            Method = Method,
            Picture = picture,
            CalibrationImages = images,
            ComparedImages = compared,
            Metadata = Metadata(network, calibration, images),
        };
        Conversion? conversion = null;
        terminal.Stages(show => conversion = Convert(network, calibration, test, options, new Relay(show), cancel));
        return conversion! with { Report = conversion.Report with { Origin = Origin(conversion.File, network.IsQuantized ? null : calibration, test) } };
    }

    private ModelOrigin Origin(byte[] file, IDataSet? calibration, IDataSet? test)
    {
        string network = Directory.Exists(Source) ? GraphSource.TrainedQuantized(Source) ?? GraphSource.OnnxPath(Source) : Source;
        using FileStream stream = File.OpenRead(network);
        return new ModelOrigin
        {
            Converter = typeof(Converter).Assembly.GetName().Version?.ToString(3) ?? "unknown",
            Command = Command,
            ModelSha256 = System.Convert.ToHexStringLower(SHA256.HashData(file)),
            Source = Path.GetFileName(network),
            SourceSha256 = System.Convert.ToHexStringLower(SHA256.HashData(stream)),
            SourceWeightsSha256 = WeightsBeside(network),
            Calibration = calibration?.Name,
            Test = test?.Name,
            Training = RunOrigin.Read(Source),
        };
    }

    private static string? WeightsBeside(string network)
    {
        IReadOnlyList<string> files = ModelFile.IsOnnx(network) ? OnnxWeights.Files(network) : [];
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] piece = new byte[1 << 16];
        foreach (string file in files)
        {
            using FileStream stream = File.OpenRead(file);
            for (int read; (read = stream.Read(piece)) > 0;)
            {
                hash.AppendData(piece, 0, read);
            }
        }

        return files.Count == 0 ? null : System.Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private (int Calibration, int Compared) Pictures(SourceNetwork network, IDataSet? calibration, Terminal terminal)
    {
        Effort effort = network.Graph is { } graph ? Effort.For(graph) : Effort.Most;
        int useful = Math.Min(Effort.UsefulImages, calibration?.Count ?? 0);
        if (Images is null && !network.IsQuantized && effort.CalibrationImages < useful)
        {
            terminal.Note($"calibrating on {Units.Count(effort.CalibrationImages)} pictures instead of {Units.Count(useful)}, since one takes "
                + $"{Units.Number(effort.Macs / 1e9, 1)} billion multiplications; --images says otherwise");
        }

        return (Images ?? effort.CalibrationImages, Math.Min(Options.ComparedImages, effort.ComparedImages));
    }

    private sealed class Nodes(Action<string, long, long> show) : IProgress<(int Done, int Total)>
    {
        public void Report((int Done, int Total) value) => show("Reading the network", value.Done, value.Total);
    }

    private Conversion Convert(SourceNetwork network, IDataSet? calibration, IDataSet? test, ConversionOptions options,
        Relay progress, CancellationToken cancel)
    {
        if (network.IsQuantized && Options.ChoosesQuantization)
        {
            string @float = GraphSource.TrainedQuantized(Source) is null ? "the float network" : GraphSource.OnnxPath(Source);
            throw new UsageException($"'{Source}' arrives quantized and is taken over as it is. Leave out the options that choose a "
                + $"quantization (--activations, --equalize, --correct-bias, --sensitivity, --max-drop, --wide, --int4), or convert {@float}.");
        }

        return network switch
        {
            { Quantized: { } quantized } => Converter.TakeOver(quantized, calibration, test, options, progress, cancel),
            { Graph: { IsQuantized: true } graph } => Converter.TakeOver(graph, calibration, test, options, progress, cancel),
            { Graph: { } graph } when calibration is not null => Converter.Convert(graph, calibration, test, options, progress, cancel),
            _ => throw new UsageException($"'{Source}' is a float network: --calibrate must name pictures, from which its ranges come."),
        };
    }

    private KeyValuePair<string, string>[] Metadata(SourceNetwork network, IDataSet? calibration, int images)
    {
        // The name of a run's folder is no part of what came out of it: the same training gives the same bytes wherever it lies.
        string name = Directory.Exists(Source) && network.Graph is { } trained ? trained.Name : Path.GetFileName(Path.GetFullPath(Source));
        KeyValuePair<string, string> source = new("source", name);
        KeyValuePair<string, string>[] licence = Licence is null ? [] : [new(ModelCard.LicenceKey, Licence)];
        return calibration is null || network.IsQuantized
            ? [source, .. licence]
            : [source, .. licence, new("calibration", $"{calibration.Name}, {Math.Min(images, calibration.Count)} pictures")];
    }

    // System.Progress would report late, from another thread.
    private sealed class Relay(Action<string, long, long> show) : IProgress<ConversionProgress>
    {
        public void Report(ConversionProgress value) => show(value.Stage, value.Done, value.Total);
    }
}
