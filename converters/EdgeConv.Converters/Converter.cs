using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters;

/// <summary>From a float network to a model file and a report on it.</summary>
public static partial class Converter
{
    /// <summary>Fuses, calibrates, quantizes, lowers, and compares with float.</summary>
    /// <param name="graph">The float network; it must take pictures.</param>
    /// <param name="calibration">Pictures like those that the device will see; labels are not used.</param>
    /// <param name="test">Labelled pictures to count accuracy on, or null.</param>
    /// <param name="options">Choices.</param>
    /// <param name="progress">Told often, from several threads.</param>
    /// <param name="cancel">Stops the work.</param>
    /// <exception cref="ConversionException">No calibration pictures, preprocessing or classes that do not fit the network, or a network
    /// that has no int8 form.</exception>
    /// <exception cref="DataSetException">No picture decodes; single ones that do not are left out and named in the report.</exception>
    public static Conversion Convert(Graph graph, IDataSet calibration, IDataSet? test, ConversionOptions options,
        IProgress<ConversionProgress>? progress = null, CancellationToken cancel = default)
    {
        if (graph.IsQuantized)
        {
            throw new ConversionException($"The network '{graph.Name}' arrives quantized; {nameof(TakeOver)} keeps its integers and scales.");
        }

        graph = Completed(graph, calibration, options);
        CheckTest(test, graph.Values()[graph.Output].Length);
        PictureInput picture = graph.Picture!;
        using PictureSamples pictures = Calibration(calibration, picture, options, progress, cancel);
        float[][] samples = Tensors(pictures, picture);

        IProgress<int>? fusing = Stage("Fusing layers", 1, progress);
        fusing?.Report(0);
        Graph fused = Fusion.Apply(graph);
        fusing?.Report(1);
        fused = options.Equalize ? CrossLayerEqualization.Apply(fused) : fused;
        Ranges ranges = Calibrator.Run(fused, samples, options.Method, Stage("Calibrating", samples.Length, progress), cancel);
        Graph network = options.CorrectBias
            ? BiasCorrection.Apply(fused, ranges, options.Quantizer, samples,
                Stage("Correcting biases", BiasCorrection.Runs(fused, samples.Length), progress), cancel)
            : fused;

        using PictureSamples? tested = Tested(test, picture, progress, cancel);
        PictureSamples compared = tested ?? pictures;
        int[] comparedIndices = PictureSamples.Spread(compared.Count, options.ComparedImages);
        Answers? answers = tested is null ? null : Answers.Of(fused, tested, Stage("Testing float", tested.Count, progress), cancel);
        IReadOnlyList<LayerSensitivity>? sensitivity = options.MeasureSensitivity || options.MaxDropPoints is not null
            ? Sensitivities(fused, Quantizer.Quantize(network, ranges, options.Quantizer), compared, comparedIndices,
                labelled: answers is not null, progress, cancel)
            : null;
        (QuantizerOptions precision, MixedPrecisionReport? mixed) = options.MaxDropPoints is { } maxDrop
            ? Search(network, ranges, answers, sensitivity!, maxDrop, options, progress, cancel)
            : (options.Quantizer, null);

        QuantizedGraph quantized = Quantizer.Quantize(network, ranges, precision, Stage("Quantizing layers", network.Nodes.Count, progress), cancel);
        byte[] file = Lower(quantized, GoldenInputs(pictures, quantized, options), options, progress, cancel);
        var report = new QuantizationReport
        {
            Method = options.Method,
            Activations = options.Quantizer.Activations,
            Equalized = options.Equalize,
            BiasCorrected = options.CorrectBias,
            CalibrationImages = pictures.Count,
            ComparedImages = comparedIndices.Length,
            Layers = new Comparison(fused, ranges, quantized, file)
                .Layers(compared, comparedIndices, Stage("Comparing layers", comparedIndices.Length, progress), cancel),
            Classes = graph.Labels,
            Notes = [.. graph.Notes, .. Skipped(calibration, pictures), .. Skipped(test, tested)],
            Sensitivity = sensitivity,
            MixedPrecision = mixed,
        };
        return new Conversion(file, quantized, answers is null
            ? report
            : answers.Describe(report, answers.Run(quantized, file, Stage("Testing int8", compared.Count, progress), cancel)));
    }

    private static IReadOnlyList<LayerSensitivity> Sensitivities(Graph fused, QuantizedGraph quantized, PictureSamples pictures,
        int[] indices, bool labelled, IProgress<ConversionProgress>? progress, CancellationToken cancel)
    {
        float[][] samples = [.. indices.Select(i => PictureTensor.ToFloat(fused.Picture!, pictures.Pixels(i)))];
        int runs = Sensitivity.Layers(fused, quantized).Count() * indices.Length;
        return Sensitivity.Measure(fused, quantized, samples, labelled ? [.. indices.Select(pictures.Label)] : null,
            Stage("One layer at a time", runs, progress), cancel);
    }

    private static (QuantizerOptions Options, MixedPrecisionReport Report) Search(Graph network, Ranges ranges, Answers? answers,
        IReadOnlyList<LayerSensitivity> sensitivity, double maxDrop, ConversionOptions options,
        IProgress<ConversionProgress>? progress, CancellationToken cancel)
    {
        if (answers is null)
        {
            throw new ConversionException("A bound on the loss of accuracy needs labelled test pictures to count it on; give a test set.");
        }

        double Measure(QuantizedGraph quantized, byte[] file) =>
            answers.Right(answers.Run(quantized, file, Stage("Trying precisions", answers.Count, progress), cancel));
        return new MixedPrecision(network, ranges, answers.FloatAccuracy!.Value, graph => Lower(graph, [], options), Measure)
            .Search(options.Quantizer, sensitivity, maxDrop, options.ShrinkWeights);
    }

    /// <summary>The graph with preprocessing and class names, from the options or the data where its file had none.</summary>
    internal static Graph Completed(Graph graph, IDataSet calibration, ConversionOptions options)
    {
        PictureInput? known = options.Picture ?? graph.Picture;
        PictureInput picture = known ?? Plain(graph.Input);
        PictureTensor.Check(picture, graph.Input);
        return graph with
        {
            Picture = picture,
            Labels = Labels(graph.Labels, calibration, graph.Values()[graph.Output].Length),
            Notes = known is null ? [.. graph.Notes, PlainNote] : graph.Notes,
        };
    }

    private static IReadOnlyList<string> Labels(IReadOnlyList<string> own, IDataSet? data, int outputs)
    {
        IReadOnlyList<string> labels = own.Count == 0 && data?.Classes.Count == outputs ? data.Classes : own;
        return labels.Count == 0 || labels.Count == outputs
            ? labels
            : throw new ConversionException($"The network names {labels.Count} classes but has {outputs} outputs.");
    }

    /// <summary>Bytes of pictures that may lie in memory; more go to a temporary file.</summary>
    internal const long PictureBytes = 1L << 29;

    private const string PlainNote = "Pixels are taken to go from 0 to 1, since the file does not say: "
        + "a network that was trained with another mean and deviation answers worse, float and int8 alike.";

    // Pixels from 0 to 1, when nothing is known.
    private static PictureInput Plain(Value input) => input.Shape is [_, var height, var width, (1 or 3) and var channels]
        ? new PictureInput(
            new PictureLayout(width, height, channels == 1 ? ColorOrder.Gray : ColorOrder.Rgb),
            new float[channels], [.. Enumerable.Repeat(1f, channels)])
        : throw new ConversionException($"The network's input '{input.Name}' is {input.Shape.Text()} (NHWC); pictures of 1 or 3 "
            + "channels can be converted.");

    private static void CheckTest(IDataSet? test, int outputs)
    {
        if (test is not null && test.Classes.Count > outputs)
        {
            throw new ConversionException($"The test set {test.Name} has {test.Classes.Count} classes, the network {outputs} outputs.");
        }
    }

    private static PictureSamples Calibration(IDataSet data, PictureInput picture, ConversionOptions options,
        IProgress<ConversionProgress>? progress, CancellationToken cancel)
    {
        int[] chosen = PictureSamples.Spread(data.Count, options.CalibrationImages);
        return PictureSamples.Load(data, picture.Layout, chosen, Stage("Loading pictures", chosen.Length, progress), cancel, PictureBytes);
    }

    private static PictureSamples? Tested(
        IDataSet? test, PictureInput picture, IProgress<ConversionProgress>? progress, CancellationToken cancel) =>
        test is not { Count: > 0 }
            ? null
            : PictureSamples.Load(test, picture.Layout, null, Stage("Loading test pictures", test.Count, progress), cancel, PictureBytes);

    private static float[][] Tensors(PictureSamples pictures, PictureInput picture) =>
        [.. Enumerable.Range(0, pictures.Count).Select(i => PictureTensor.ToFloat(picture, pictures.Pixels(i)))];

    private static IEnumerable<string> Skipped(IDataSet? data, PictureSamples? pictures) =>
        pictures is null ? [] : SkippedPictures.Lines(data!.Name, pictures);

    private static sbyte[][] GoldenInputs(PictureSamples pictures, QuantizedGraph graph, ConversionOptions options)
    {
        var quantize = new InputQuantizer(Lowering.Preprocessing(graph.Picture!, graph.Input));
        return [.. Enumerable.Range(0, Math.Min(pictures.Count, options.GoldenVectors)).Select(i => quantize.Run(pictures.Pixels(i)))];
    }

    private static byte[] Lower(QuantizedGraph graph, sbyte[][] goldenInputs, ConversionOptions options,
        IProgress<ConversionProgress>? progress = null, CancellationToken cancel = default)
    {
        try
        {
            return Lowering.Lower(graph, new LoweringOptions
            {
                GoldenInputs = goldenInputs,
                Metadata = options.Metadata,
                Progress = progress is null ? null : new GoldenProgress(progress),
                Cancel = cancel,
            });
        }
        catch (Exception e) when (e is ModelFormatException or ArgumentException)
        {
            throw new ConversionException($"The runtime cannot run this network: {e.Message}");
        }
    }

    private static StageProgress? Stage(string stage, int total, IProgress<ConversionProgress>? progress) =>
        progress is null ? null : new StageProgress(stage, total, progress);

    private sealed class GoldenProgress(IProgress<ConversionProgress> progress) : IProgress<(int Done, int Total)>
    {
        public void Report((int Done, int Total) value) =>
            progress.Report(new ConversionProgress("Recording golden vectors", value.Done, value.Total));
    }

    private sealed class StageProgress(string stage, int total, IProgress<ConversionProgress> progress) : IProgress<int>
    {
        public void Report(int value) => progress.Report(new ConversionProgress(stage, value, total));
    }
}
