using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters;

/// <summary>Networks that arrive quantized: nothing is quantized again.</summary>
public static partial class Converter
{
    private const ulong GoldenSeed = 1;

    /// <summary>Lowers a network that was quantized elsewhere. Its report has no comparison with float, since there is no float network.</summary>
    /// <param name="graph">The network. Where it says nothing about pictures and has 1 or 3 channels, the bytes of a picture, less 128,
    /// become its input.</param>
    /// <param name="data">Pictures for the golden vectors; null: they come from a fixed seed.</param>
    /// <param name="test">Labelled pictures to count accuracy on, or null.</param>
    /// <param name="options">Preprocessing, number of golden vectors and metadata; what chooses a quantization is not looked at.</param>
    /// <param name="progress">Told often, from several threads.</param>
    /// <param name="cancel">Stops the work.</param>
    /// <exception cref="ConversionException">Preprocessing or classes that do not fit the network, or a network that the runtime does not
    /// take.</exception>
    /// <exception cref="DataSetException">No picture decodes; single ones that do not are left out and named in the report.</exception>
    public static Conversion TakeOver(QuantizedGraph graph, IDataSet? data, IDataSet? test, ConversionOptions options,
        IProgress<ConversionProgress>? progress = null, CancellationToken cancel = default)
    {
        cancel.ThrowIfCancellationRequested();
        int outputs = graph.Nodes.First(n => n.Output.Name == graph.Output).Output.Length;
        CheckTest(test, outputs);
        PictureInput? picture = options.Picture ?? graph.Picture ?? OfBytes(graph.Input);
        if (picture is not null)
        {
            PictureTensor.Check(picture, new Value(graph.Input.Name, graph.Input.Shape));
        }
        else if ((data ?? test) is { } unusable)
        {
            throw new ConversionException($"The network's input '{graph.Input.Name}' is {graph.Input.Shape.Text()} (NHWC): no picture of 1 or "
                + $"3 channels. The pictures of {unusable.Name} cannot be shown to it; convert it without pictures.");
        }

        graph = graph with { Picture = picture, Labels = Labels(graph.Labels, data ?? test, outputs) };
        byte[] file = Lower(graph, GoldenInputs(graph, data, options), options);
        var report = new QuantizationReport
        {
            Method = null,
            TakenOver = true,
            Notes = options.Picture is null && graph.PictureNote is { } note ? [.. graph.Notes, note] : graph.Notes,
            CalibrationImages = 0,
            ComparedImages = 0,
            Layers = [.. graph.Nodes.Select(LayerStatistics.Alone)],
            Classes = graph.Labels,
        };
        using PictureSamples? tested = picture is null ? null : Tested(test, picture, progress, cancel);
        if (tested is not null)
        {
            var answers = Answers.Of(graph, tested);
            report = answers.Describe(report, answers.Run(graph, file, Stage("Testing int8", tested.Count, progress), cancel));
            report = report with { Notes = [.. report.Notes, .. Skipped(test, tested)] };
        }

        return new Conversion(file, graph, report);
    }

    /// <summary>
    /// Lowers a network whose file gives integers and scales beside the float operations. With pictures, layers are compared with float, and
    /// values without a scale are calibrated.
    /// </summary>
    /// <param name="graph">The network.</param>
    /// <param name="data">Pictures like those that the device will see; null where every value has a scale.</param>
    /// <param name="test">Labelled pictures to count accuracy on, or null.</param>
    /// <param name="options">Preprocessing, how missing ranges are found, number of golden vectors and metadata.</param>
    /// <param name="progress">Told often, from several threads.</param>
    /// <param name="cancel">Stops the work.</param>
    /// <exception cref="ConversionException">A value has no scale and there are no pictures, or the network does not fit the pictures or the
    /// runtime.</exception>
    /// <exception cref="DataSetException">No picture decodes; single ones that do not are left out and named in the report.</exception>
    public static Conversion TakeOver(Graph graph, IDataSet? data, IDataSet? test, ConversionOptions options,
        IProgress<ConversionProgress>? progress = null, CancellationToken cancel = default)
    {
        Graph fused = Fusion.Apply(graph);
        CheckTest(test, fused.Values()[fused.Output].Length);
        if ((data is { Count: > 0 } ? data : test) is not { Count: > 0 } shown)
        {
            return Noted(TakeOver(Quantizer.Quantize(fused, Ranges.None), data, test, options, progress, cancel), fused.Notes);
        }

        PictureInput picture = options.Picture ?? fused.Picture ?? OfBytes(fused) ?? Plain(fused.Input);
        PictureTensor.Check(picture, fused.Input);
        fused = fused with { Picture = picture };
        using PictureSamples pictures = Calibration(shown, picture, options, progress, cancel);
        Ranges ranges = Calibrator.Run(
            fused, Tensors(pictures, picture), options.Method, Stage("Calibrating", pictures.Count, progress), cancel);

        // Test pictures show how far layers are from float; they choose no scales.
        QuantizedGraph quantized = Quantizer.Quantize(fused, data is { Count: > 0 } ? ranges : Ranges.None);
        Conversion taken = TakeOver(quantized, data ?? test, null, options, progress, cancel);
        bool isPart = GivenRanges.Missing(fused, Ranges.None).Count > 0;
        using PictureSamples? tested = Tested(test, picture, progress, cancel);
        PictureSamples compared = tested ?? pictures;
        int[] indices = PictureSamples.Spread(compared.Count, options.ComparedImages);
        QuantizationReport report = taken.Report with
        {
            Method = isPart ? options.Method : null,
            CalibrationImages = isPart ? pictures.Count : 0,
            ComparedImages = indices.Length,
            Layers = new Comparison(fused, ranges, taken.Quantized, taken.File)
                .Layers(compared, indices, Stage("Comparing layers", indices.Length, progress), cancel),
        };
        if (tested is not null)
        {
            var answers = Answers.Of(fused, tested, Stage("Testing float", tested.Count, progress), cancel);
            report = answers.Describe(report, answers.Run(taken.Quantized, taken.File, Stage("Testing int8", tested.Count, progress), cancel));
        }

        return Noted(taken with { Report = report }, [.. fused.Notes, .. Skipped(shown, pictures), .. Skipped(test, tested)]);
    }

    private static Conversion Noted(Conversion conversion, IReadOnlyList<string> notes) =>
        conversion with { Report = conversion.Report with { Notes = notes } };

    private static PictureInput? OfBytes(Graph graph) => graph.Given.TryGetValue(graph.Input.Name, out ActivationQuantization given)
        ? OfBytes(new QuantizedValue(graph.Input.Name, graph.Input.Shape, given))
        : null;

    // Byte p is the integer p - 128, which fills the range that the input was quantized for.
    private static PictureInput? OfBytes(QuantizedValue input)
    {
        if (input.Shape is not [_, var height, var width, (1 or 3) and var channels])
        {
            return null;
        }

        (float scale, int zeroPoint) = (input.Quantization.Scale, input.Quantization.ZeroPoint);
        return new PictureInput(new PictureLayout(width, height, channels == 1 ? ColorOrder.Gray : ColorOrder.Rgb),
            [.. Enumerable.Repeat((zeroPoint - sbyte.MinValue) / 255f, channels)],
            [.. Enumerable.Repeat((float)(1 / (255.0 * scale)), channels)]);
    }

    private static sbyte[][] GoldenInputs(QuantizedGraph graph, IDataSet? data, ConversionOptions options)
    {
        if (data is { Count: > 0 } && graph.Picture is { } picture)
        {
            using PictureSamples pictures = PictureSamples.Load(data, picture.Layout, PictureSamples.Spread(data.Count, options.GoldenVectors));
            return GoldenInputs(pictures, graph, options);
        }

        var random = new SplitMix64(GoldenSeed);
        var inputs = new sbyte[options.GoldenVectors][];
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = new sbyte[graph.Input.ByteLength];
            for (int k = 0; k < inputs[i].Length; k++)
            {
                inputs[i][k] = (sbyte)(random.NextInt32(256) + sbyte.MinValue);
            }
        }

        return inputs;
    }
}
