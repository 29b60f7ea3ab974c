using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using EdgeConv.Converters;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Networks;
using EdgeConv.Converters.Onnx;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Trainer.Native;
using EdgeConv.Trainer.Networks;
using EdgeConv.Trainer.Parts;
using EdgeConv.Trainer.Pictures;
using EdgeConv.Trainer.Transfer;
using TorchSharp;

namespace EdgeConv.Trainer.Training;

/// <summary>A training from its settings to its run folder, which holds whole files and can be resumed whenever it is killed.</summary>
public sealed class TrainingRun
{

    private readonly TrainingSettings _settings;
    private readonly IDataSet _data;
    private readonly RunFolder _folder;
    private readonly TrainingState? _resume;
    private readonly Resources _resources;
    private readonly TransferTraining? _transfer;

    private TrainingRun(TrainingSettings settings, IDataSet data, RunFolder folder, TrainingState? resume, Resources? resources)
    {
        (_settings, _data, _folder, _resume, _resources) = (settings, data, folder, resume, resources ?? new Resources());
        if (settings.Transfer != null)
        {
            _transfer = TransferTraining.Open(settings, data, resume != null);
            _settings = _transfer.Settings;
            TransferTraining.CheckFolder(settings.Transfer, folder);
        }
        Network = _transfer != null ? _transfer.Network
            : resume == null ? KnownNetworks.Open(settings.Model, settings.Network with { Classes = data.Classes.Count })
            : NetworkParser.Read(folder.Network);
        CheckValidation(data.Count);
        folder.Prepare(keep: resume != null);
    }

    /// <summary>What is trained.</summary>
    public NetworkDescription Network { get; }

    /// <summary>What the user typed, for the model's card; null where it was nobody's command. A run that goes on keeps the one that began it.</summary>
    public string? Command { get; set; }

    /// <summary>A new run; an older one in the folder is replaced.</summary>
    /// <param name="settings">All that the result depends on.</param>
    /// <param name="data">The training part of settings.Data.</param>
    /// <param name="folder">Where the result goes.</param>
    /// <param name="resources">Threads; they do not change the result. Null for one a processor.</param>
    /// <exception cref="TrainingException">Unknown model, nothing to train on, or a folder that cannot be written.</exception>
    public static TrainingRun Start(TrainingSettings settings, IDataSet data, RunFolder folder, Resources? resources = null) =>
        new(settings, data, folder, null, resources);

    /// <summary>A new run by the network's recipe.</summary>
    /// <param name="model">Name of a network (<see cref="KnownNetworks"/>), or the file that describes one.</param>
    /// <param name="data">Name or path of a data set, as <see cref="DataSets.Open"/> takes it.</param>
    /// <param name="folder">Where the result goes; an older run in it is replaced.</param>
    /// <param name="epochs">Passes over the training pictures; null for the recipe's.</param>
    /// <param name="seed">Of every random sequence: the same seed gives the same weights.</param>
    /// <exception cref="UnknownNetworkException">No such network.</exception>
    /// <exception cref="DataSetException">No such data set, or it is broken.</exception>
    /// <exception cref="TrainingException">Nothing to train on, or a folder that cannot be written.</exception>
    public static TrainingRun Start(string model, string data, string folder, int? epochs = null, ulong seed = 1)
    {
        IDataSet training = DataSets.Open(data, Split.Train);
        TrainingSettings settings = TrainingSettings.From(Recipe.For(model, data), model, data, training.Count);
        return Start(settings with { Epochs = epochs ?? settings.Epochs, Seed = seed }, training, new RunFolder(folder));
    }

    /// <summary>Goes on after the last whole epoch, to the same weights as if the run had not been stopped.</summary>
    /// <exception cref="TrainingException">As for a new run.</exception>
    public static TrainingRun Resume(TrainingSettings settings, IDataSet data, TrainingState state, RunFolder folder, Resources? resources = null) =>
        new(settings, data, folder, state, resources);

    /// <summary>Trains what is left, evaluates, and writes the folder.</summary>
    /// <exception cref="OperationCanceledException">Stopped; the folder is as after the last whole epoch.</exception>
    public TrainingMetrics Execute(ITrainingProgress? progress = null, CancellationToken cancel = default)
    {
        LibTorch.UseDevice(_settings.Device);
        PictureLayout layout = _transfer?.Layout(_data) ?? Layout(Network, _data);
        using PictureSamples all = PictureSamples.Load(_data, layout, cancel: cancel);
        NoteSkipped(_data.Name, all, progress);
        CheckValidation(all.Count);
        (PictureSamples training, PictureSamples chosen) = all.Split(_settings.Validation, _settings.Seed);
        PictureInput picture = _transfer?.Picture(layout) ?? Normalization(layout, training);
        RunFolder.WriteJson(_folder.Settings, Describe(picture, all));
        AtomicFile.Write(_folder.Network, Encoding.UTF8.GetBytes(NetworkText.Write(Network)));

        PictureSamples? validation = chosen.Count > 0 ? chosen : null;
        using TransferFeatures? features = _transfer?.Features(picture, _resources);
        using TrainingLoop loop = _transfer?.Loop(training, validation, picture, features, _resources, _resume, progress, cancel)
            ?? new TrainingLoop(Network, training, validation, picture, _settings, _resources, _resume);
        TrainingState state = Train(loop, Network.Name, _settings, _folder, now => WriteModel(now, picture, _data.Classes), progress, cancel);
        IDataSet testData = DataSets.Open(_settings.Data, Split.Test);
        using PictureSamples test = PictureSamples.Load(testData, layout, cancel: cancel);
        NoteSkipped(testData.Name, test, progress);
        (float[] weights, float[] statistics) = Whole(state);
        using var network = new TorchNetwork(Network, weights, statistics);
        TrainingMetrics metrics = Metrics(state, Evaluation.Run(network, test, picture, _resources, cancel).Accuracy, test.Count);
        WriteMetrics(_folder, Network.Name, metrics);
        return metrics;
    }

    /// <summary>Trains what is left; after each epoch the folder holds whole files.</summary>
    /// <param name="loop">What is trained.</param>
    /// <param name="name">Of the network.</param>
    /// <param name="settings">Kept with the state.</param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="write">Writes the model of a state's best epoch.</param>
    /// <param name="progress">Hears of it.</param>
    /// <param name="cancel">Stops between two steps.</param>
    internal static TrainingState Train(TrainingLoop loop, string name, TrainingSettings settings, RunFolder folder,
        Action<TrainingState> write, ITrainingProgress? progress, CancellationToken cancel)
    {
        progress?.Begin(settings.Epochs, loop.StepsPerEpoch, loop.Epochs + 1);
        var sinceSaved = Stopwatch.StartNew();
        bool saved = false, better = false;
        while (!loop.Finished)
        {
            bool best = loop.RunEpoch(progress, cancel);
            better |= best;
            // Epochs on kept features take milliseconds; files that show each of them would take longer than the training.
            if (settings.Transfer == null || !saved || sinceSaved.Elapsed > TransferTraining.PauseBetweenFiles || loop.Finished)
            {
                TrainingState now = loop.State();
                CheckpointFile.Save(folder.Checkpoint, settings, now);
                if (better) write(now);
                WriteMetrics(folder, name, Metrics(now, null, 0));
                (saved, better) = (true, false);
                sinceSaved.Restart();
            }
            progress?.EndEpoch(loop.Last, best);
        }

        TrainingState state = loop.State();
        if (loop.StoppedEarly) progress?.Note($"stopped early: no better validation accuracy for {settings.Patience} epochs");
        write(state);
        return state;
    }

    /// <summary>The network's size; pictures that are smaller are enlarged smoothly, larger ones averaged.</summary>
    internal static PictureLayout Layout(NetworkDescription network, IDataSet data)
    {
        Picture first = data.Load(0);
        bool enlarge = first.Width < network.Input.Width || first.Height < network.Input.Height;
        ColorOrder color = network.Input.Channels == 1 ? ColorOrder.Gray : ColorOrder.Rgb;
        return new PictureLayout(network.Input.Width, network.Input.Height, color, Resize: enlarge ? Resize.Bilinear : Resize.Area);
    }

    private void CheckValidation(int pictures) => CheckValidation(_settings, _data, pictures);

    /// <exception cref="UsageException">All pictures would choose the best epoch.</exception>
    internal static void CheckValidation(TrainingSettings settings, IDataSet data, int pictures)
    {
        if (settings.Validation < pictures) return;
        throw new UsageException(
            $"--validation {settings.Validation} leaves nothing to train on: {data.Name} has {Counts.Of(pictures)} training pictures.");
    }

    internal static TrainingMetrics Metrics(TrainingState state, double? accuracy, int images) =>
        new(state.Epochs, state.BestEpoch, accuracy, images, state.Epochs.Sum(e => e.Seconds));

    internal static void WriteMetrics(RunFolder folder, string name, TrainingMetrics metrics)
    {
        RunFolder.WriteJson(folder.Metrics, metrics);
        AtomicFile.Write(folder.Curve, Curve.Draw(name, metrics));
    }

    private void WriteModel(TrainingState state, PictureInput picture, IReadOnlyList<string> labels)
    {
        (float[] weights, float[] statistics) = Whole(state);
        OnnxWriter.Write(NetworkGraph.Create(Network, weights, statistics, picture, labels), _folder.Model);
    }

    // The layers that learn, behind those that do not.
    private (float[] Weights, float[] Statistics) Whole(TrainingState state) =>
        _transfer?.Whole(state) ?? (state.Best, state.BestStatistics);

    private static PictureInput Normalization(PictureLayout layout, PictureSamples training)
    {
        (float[] mean, float[] deviation) = training.Statistics();
        return new PictureInput(layout, mean, deviation);
    }

    /// <summary>Says what does not decode; settings.json names all of the training part.</summary>
    internal static void NoteSkipped(string data, PictureSamples samples, ITrainingProgress? progress)
    {
        foreach (string line in SkippedPictures.Lines(data, samples)) progress?.Note(line);
    }

    private object Describe(PictureInput picture, PictureSamples all) => new
    {
        command = _folder.FirstCommand() ?? Command,
        settings = _settings,
        network = new { Network.Name, input = Network.Input.ToString(), Network.Parameters, Network.Macs },
        data = new { _data.Name, _data.Classes, sha256 = all.Digest(), trainingPictures = all.Count - _settings.Validation, all.Skipped },
        picture,
        versions = Versions(),
    };

    /// <summary>What else the result depends on.</summary>
    internal static object Versions() => new
    {
        edgeConv = Version(typeof(TrainingRun)),
        torchSharp = Version(typeof(torch)),
        libTorch = LibTorch.Version,
        dotnet = RuntimeInformation.FrameworkDescription,
        system = RuntimeInformation.OSDescription,
        runtime = RuntimeInformation.RuntimeIdentifier,
        instructions = Instructions,
    };

    // Sums of floats are grouped by the width of the processor's vectors.
    private static string Instructions =>
        Vector512.IsHardwareAccelerated ? "512-bit vectors" : Vector256.IsHardwareAccelerated ? "256-bit vectors" : "128-bit vectors";

    private static string Version(Type type) => type.Assembly.GetName().Version?.ToString(3) ?? "unknown";
}
