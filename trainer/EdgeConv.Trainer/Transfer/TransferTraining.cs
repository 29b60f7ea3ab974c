using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Networks;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Trainer.Networks;
using EdgeConv.Trainer.Parts;
using EdgeConv.Trainer.Pictures;
using EdgeConv.Trainer.Training;

namespace EdgeConv.Trainer.Transfer;

/// <summary>What is different in a training whose network is taken over.</summary>
internal sealed class TransferTraining
{
    private readonly TransferNetwork _network;

    private TransferTraining(TrainingSettings settings, TransferNetwork network) => (Settings, _network) = (settings, network);

    /// <summary>How often the run folder is brought up to date.</summary>
    public static TimeSpan PauseBetweenFiles { get; } = TimeSpan.FromSeconds(2);

    /// <summary>With the source's hash.</summary>
    public TrainingSettings Settings { get; }

    /// <summary>All layers.</summary>
    public NetworkDescription Network => _network.Whole.Network;

    /// <summary>Reads the source.</summary>
    /// <param name="settings">Of the run.</param>
    /// <param name="data">For its classes.</param>
    /// <param name="resume">Whether the source has to be the one that the run began with.</param>
    /// <exception cref="TrainingException">It cannot be taken over, or is another one.</exception>
    public static TransferTraining Open(TrainingSettings settings, IDataSet data, bool resume)
    {
        TransferSettings transfer = settings.Transfer!;
        TrainedNetwork source = TransferSource.Open(transfer.From);
        string hash = TransferSource.Hash(source);
        if (resume && hash != transfer.Hash)
        {
            throw new TrainingException(
                $"{transfer.From} is not the network that the run began with. Bring that back, or start a new run without --resume.");
        }
        TransferNetwork network = TransferNetwork.Create(source, settings.Network with { Classes = data.Classes.Count }, transfer, settings.Seed);
        return new TransferTraining(settings with { Transfer = transfer with { Hash = hash } }, network);
    }

    /// <summary>A run does not overwrite what it is made from: it could not be resumed.</summary>
    /// <exception cref="UsageException">It would.</exception>
    public static void CheckFolder(TransferSettings settings, RunFolder folder)
    {
        string? source = Path.GetDirectoryName(Path.GetFullPath(TransferSource.Locate(settings.From)));
        if (source == Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder.Path)))
            throw new UsageException($"--out {folder.Path} is the run that is taken over. Give another folder.");
    }

    /// <summary>As the source has it, at the network's size.</summary>
    public PictureLayout Layout(IDataSet data)
    {
        PictureLayout own = TrainingRun.Layout(Network, data);
        return _network.Whole.Picture is { } picture ? own with { Color = picture.Layout.Color, Crop = picture.Layout.Crop } : own;
    }

    /// <summary>The source's normalization; null where its file does not say, so that the pictures' own is the best guess.</summary>
    public PictureInput? Picture(PictureLayout layout) => _network.Whole.Picture is { } picture ? picture with { Layout = layout } : null;

    /// <summary>What the frozen layers make of pictures; null where none is frozen.</summary>
    public TransferFeatures? Features(PictureInput picture, Resources resources) => _network.Front == null ? null
        : new TransferFeatures(_network.Front, Settings, picture, Settings.Transfer!.Cache ? FeatureCache.OfUser() : null, resources);

    /// <summary>Trains the layers that learn.</summary>
    public TrainingLoop Loop(PictureSamples training, PictureSamples? validation, PictureInput picture, TransferFeatures? features, Resources resources,
        TrainingState? resume, ITrainingProgress? progress, CancellationToken cancel)
    {
        TrainedNetwork tail = _network.Tail;
        IBatchFiller learnt = features?.Of(training, distort: true, progress, cancel) ?? new BatchFiller(training, picture);
        IBatchFiller? chosen = validation == null ? null
            : features?.Of(validation, distort: false, progress, cancel) ?? new BatchFiller(validation, picture);
        return new TrainingLoop((Torch(tail), Torch(tail)), learnt, training.ClassCounts(Network.Classes), chosen, Settings, resources, resume);
    }

    /// <summary>A network that torch can train.</summary>
    public static TorchNetwork Torch(TrainedNetwork network) => new(network.Network, network.Weights, network.Statistics);

    /// <summary>Frozen and best learnt weights.</summary>
    public (float[] Weights, float[] Statistics) Whole(TrainingState state)
    {
        TrainedNetwork whole = _network.With(state.Best, state.BestStatistics);
        return (whole.Weights, whole.Statistics);
    }
}
