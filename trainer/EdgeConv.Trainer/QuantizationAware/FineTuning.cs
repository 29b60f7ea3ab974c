using EdgeConv.Converters;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Quantization;
using EdgeConv.Trainer.Native;
using EdgeConv.Trainer.Parts;
using EdgeConv.Trainer.Training;

namespace EdgeConv.Trainer.QuantizationAware;

/// <summary>
/// Quantization-aware training from a float network to a run folder with model.onnx and model.qdq.onnx. The scales of the activations come
/// from a calibration of the float network and stay; weights are quantized anew at every step. Source: Jacob et al., "Quantization and
/// training of neural networks for efficient integer-arithmetic-only inference" (2018), section 3.
/// </summary>
public sealed class FineTuning
{
    private readonly TrainingSettings _settings;
    private readonly QuantizationSettings _quantization;
    private readonly IDataSet _data;
    private readonly RunFolder _folder;
    private readonly TrainingState? _resume;
    private readonly Resources _resources;
    private readonly Graph _fused;

    private FineTuning(TrainingSettings settings, IDataSet data, RunFolder folder, string start, TrainingState? resume, Resources? resources)
    {
        (_settings, _data, _folder, _resume, _resources) = (settings, data, folder, resume, resources ?? new Resources());
        _quantization = settings.Quantization ?? throw new ArgumentException("No quantization is asked for.", nameof(settings));
        Graph read = FineTuningSource.Read(start, data.Classes);
        _fused = _quantization.Equalize ? CrossLayerEqualization.Apply(read) : read;
        TrainingRun.CheckValidation(settings, data, data.Count);
        _ = Int4Layers();
    }

    /// <summary>The layers that are fine-tuned, and to what, in a line.</summary>
    public string Description
    {
        get
        {
            var layers = _fused.Nodes.Where(n => n.Operation is Conv2D or FullyConnected).ToList();
            int int4 = Int4Layers().Count;
            string weights = int4 == 0 ? "int8 weights" : int4 == layers.Count ? "int4 weights" : $"int4 weights in {string.Join(", ", Int4Layers())}";
            return $"{_fused.Name} of {_quantization.From}: {layers.Count} layers, {weights}, int8 activations";
        }
    }

    /// <summary>What the user typed, for the model's card; null where it was nobody's command. A run that goes on keeps the one that began it.</summary>
    public string? Command { get; set; }

    /// <summary>A new run; an older one in the folder is replaced.</summary>
    /// <param name="settings">With <see cref="TrainingSettings.Quantization"/>.</param>
    /// <param name="data">The training part of settings.Data.</param>
    /// <param name="folder">Where the result goes; not where the float network is.</param>
    /// <param name="resources">Threads; they do not change the result. Null for one a processor.</param>
    /// <exception cref="TrainingException">The network cannot be fine-tuned, or the folder cannot be written.</exception>
    public static FineTuning Start(TrainingSettings settings, IDataSet data, RunFolder folder, Resources? resources = null)
    {
        var source = new FineTuningSource(settings.Quantization!.From);
        string model = Path.GetFullPath(source.Model);
        if (Path.GetDirectoryName(model) == Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder.Path)))
            throw new UsageException($"--out {folder.Path} would replace the network that --from names; give another folder.");
        var run = new FineTuning(settings, data, folder, model, null, resources);
        folder.Prepare(keep: false);
        Directory.CreateDirectory(Path.GetDirectoryName(folder.Start)!);
        OnnxWeights.CopyWhole(model, folder.Start);
        string network = new RunFolder(source.Path).Network;
        if (File.Exists(network)) File.Copy(network, folder.Network);
        return run;
    }

    /// <summary>Goes on after the last whole epoch, to the same weights as if the run had not been stopped.</summary>
    /// <exception cref="TrainingException">As for <see cref="Start"/>.</exception>
    public static FineTuning Resume(TrainingSettings settings, IDataSet data, TrainingState state, RunFolder folder, Resources? resources = null)
    {
        var run = new FineTuning(settings, data, folder, folder.Start, state, resources);
        folder.Prepare(keep: true);
        return run;
    }

    /// <summary>Calibrates, trains what is left, evaluates, and writes the folder.</summary>
    /// <exception cref="OperationCanceledException">Stopped; the folder is as after the last whole epoch.</exception>
    /// <exception cref="TrainingException">The network has operations that cannot be trained.</exception>
    public TrainingMetrics Execute(ITrainingProgress? progress = null, CancellationToken cancel = default)
    {
        LibTorch.UseDevice(ComputeDevice.Cpu); // its integers are exact there
        PictureInput picture = _fused.Picture!;
        using PictureSamples all = PictureSamples.Load(_data, picture.Layout, cancel: cancel);
        TrainingRun.NoteSkipped(_data.Name, all, progress);
        TrainingRun.CheckValidation(_settings, _data, all.Count);
        (PictureSamples training, PictureSamples chosen) = all.Split(_settings.Validation, _settings.Seed);
        FrozenQuantization quantization = Calibrate(training, progress, cancel);
        RunFolder.WriteJson(_folder.Settings, new
        {
            command = _folder.FirstCommand() ?? Command,
            settings = _settings,
            data = new { _data.Name, _data.Classes, sha256 = all.Digest(), trainingPictures = training.Count, all.Skipped },
            picture,
            versions = TrainingRun.Versions(),
        });

        TrainingState state;
        using (var loop = new TrainingLoop((new FakeQuantizedNetwork(quantization), new FakeQuantizedNetwork(quantization)), _data.Classes.Count,
            training, chosen.Count > 0 ? chosen : null, picture, _settings, _resources, _resume))
        {
            state = TrainingRun.Train(loop, _fused.Name, _settings, _folder, now => Write(quantization, now.Best), progress, cancel);
        }

        TrainingMetrics metrics = Test(quantization, state, progress, cancel);
        TrainingRun.WriteMetrics(_folder, _fused.Name, metrics);
        return metrics;
    }

    private IReadOnlyList<string> Int4Layers()
    {
        string[] layers = [.. _fused.Nodes.Where(n => n.Operation is Conv2D or FullyConnected).Select(n => n.Name)];
        if (_quantization.Int4 == QuantizationSettings.All) return layers;
        string[] chosen = _quantization.Int4.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return chosen.FirstOrDefault(name => !layers.Contains(name)) is not { } stranger
            ? chosen
            : throw new UsageException($"--int4 names '{stranger}'; the layers with weights are {string.Join(", ", layers)}, or {QuantizationSettings.All}.");
    }

    private FrozenQuantization Calibrate(PictureSamples training, ITrainingProgress? progress, CancellationToken cancel)
    {
        int count = Math.Min(_quantization.CalibrationImages, training.Count);
        progress?.Note($"calibrating on {Counts.Of(count)} training pictures");
        float[][] samples = [.. Enumerable.Range(0, count)
            .Select(i => PictureTensor.ToFloat(_fused.Picture!, training.Pixels((int)((long)i * training.Count / count))))];
        try
        {
            return FrozenQuantization.Create(
                _fused, Calibrator.Run(_fused, samples, cancel: cancel), new QuantizerOptions { Int4 = [.. Int4Layers()] });
        }
        catch (ConversionException e)
        {
            throw new TrainingException(e.Message, e);
        }
    }

    private void Write(FrozenQuantization quantization, float[] weights)
    {
        OnnxWriter.Write(quantization.Float(weights), _folder.Model);
        QdqWriter.Write(quantization.Quantize(weights), _folder.Quantized);
    }

    private TrainingMetrics Test(FrozenQuantization quantization, TrainingState state, ITrainingProgress? progress, CancellationToken cancel)
    {
        IDataSet data = DataSets.Open(_settings.Data, Split.Test);
        using PictureSamples test = PictureSamples.Load(data, _fused.Picture!.Layout, cancel: cancel);
        TrainingRun.NoteSkipped(data.Name, test, progress);
        using var network = new FakeQuantizedNetwork(quantization);
        double before = Evaluation.Run(network, test, _fused.Picture!, _resources, cancel).Accuracy;
        network.Load(state.Best);
        double after = Evaluation.Run(network, test, _fused.Picture!, _resources, cancel).Accuracy;
        return TrainingRun.Metrics(state, after, test.Count) with { TestAccuracyBefore = before };
    }
}
