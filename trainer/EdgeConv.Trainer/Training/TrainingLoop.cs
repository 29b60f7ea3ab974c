using System.Diagnostics;
using EdgeConv.Converters.Augmentation;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Networks;
using EdgeConv.Trainer.Native;
using EdgeConv.Trainer.Networks;
using EdgeConv.Trainer.Parts;
using EdgeConv.Trainer.Pictures;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.Training;

/// <summary>Trains a network epoch by epoch; after each its whole state can be taken out, kept, and put back in another process.</summary>
public sealed class TrainingLoop : IDisposable
{
    private readonly TrainingSettings _settings;
    private readonly Resources _resources;
    private readonly IBatchFiller? _validation;
    private const int MeasuredBatches = 40, MeasuringEpoch = int.MaxValue;

    private readonly IPartedNetwork _network, _average;
    private readonly IOptimizer _optimizer;
    private readonly Tensor? _classWeights;
    private readonly PartTeam _team;
    private readonly TrainingStep _step;
    private readonly PartedNetwork? _measured;
    private readonly BatchLoader _loader;
    private readonly Schedule _schedule;
    private List<EpochMetrics> _epochs = [];
    private int _bestEpoch;
    private float[] _best = [], _bestStatistics = [];

    /// <summary>At epoch 0, or where a state was taken.</summary>
    /// <param name="network">What to train.</param>
    /// <param name="training">Pictures to train on.</param>
    /// <param name="validation">Pictures that choose the best epoch, or null.</param>
    /// <param name="picture">Normalization.</param>
    /// <param name="settings">All the rest.</param>
    /// <param name="resources">Threads; they do not change the result.</param>
    /// <param name="resume">Where to go on, or null.</param>
    public TrainingLoop(
        NetworkDescription network, PictureSamples training, PictureSamples? validation, PictureInput picture, TrainingSettings settings,
        Resources? resources = null, TrainingState? resume = null)
        : this(Networks(network, training, picture, settings), network.Classes, training, validation, picture, settings, resources, resume)
    {
    }

    /// <summary>For any kind of network.</summary>
    /// <param name="networks">What to train, and one of the same kind that takes the average; both are disposed of with the loop.</param>
    /// <param name="classes">Length of the output.</param>
    /// <param name="training">Pictures to train on.</param>
    /// <param name="validation">Pictures that choose the best epoch, or null.</param>
    /// <param name="picture">Normalization.</param>
    /// <param name="settings">All the rest.</param>
    /// <param name="resources">Threads; they do not change the result.</param>
    /// <param name="resume">Where to go on, or null.</param>
    internal TrainingLoop(
        (IPartedNetwork Trained, IPartedNetwork Average) networks, int classes, PictureSamples training, PictureSamples? validation,
        PictureInput picture, TrainingSettings settings, Resources? resources, TrainingState? resume)
        : this(networks, new BatchFiller(training, picture), training.ClassCounts(classes),
            validation == null ? null : new BatchFiller(validation, picture), settings, resources, resume)
    {
    }

    /// <summary>On whatever the network takes.</summary>
    /// <param name="networks">What to train, and one of the same kind that takes the average; both are disposed of with the loop.</param>
    /// <param name="training">What to train on.</param>
    /// <param name="classCounts">How many of each class they are.</param>
    /// <param name="validation">What chooses the best epoch, or null.</param>
    /// <param name="settings">All the rest.</param>
    /// <param name="resources">Threads; they do not change the result.</param>
    /// <param name="resume">Where to go on, or null.</param>
    internal TrainingLoop((IPartedNetwork Trained, IPartedNetwork Average) networks, IBatchFiller training, IReadOnlyList<int> classCounts,
        IBatchFiller? validation, TrainingSettings settings, Resources? resources = null, TrainingState? resume = null)
    {
        resources ??= new Resources();
        (_settings, _resources) = (settings, resources);
        _validation = validation;
        (_network, _average) = networks;
        _optimizer = TrainingStep.Optimizer(_network, settings);
        if (resume != null) Restore(resume); // a state of another network is refused here, before threads are started
        if (settings.ClassWeights) _classWeights = tensor(TrainingStep.BalancedWeights(classCounts), device: _network.Flat.device).DetachFromDisposeScope();
        _loader = Loader(_network.Statistics.numel() > 0, training, settings, resources.Workers);
        _team = new PartTeam(resources.ThreadsFor(settings.PartsOfBatch));
        _step = new TrainingStep(_network, _optimizer, settings, _team, _classWeights);
        if (_average.Statistics.numel() > 0) _measured = new PartedNetwork(_average, _team, settings.PartsOfBatch);
        _schedule = new Schedule(settings.LearningRate, (long)_loader.Steps * settings.Epochs, settings.WarmUp, settings.Schedule);
    }

    /// <summary>True when all epochs are done, or enough of them without progress.</summary>
    public bool Finished => _epochs.Count >= _settings.Epochs || StoppedEarly;

    /// <summary>True when the validation accuracy has not risen for so long that no more epochs are tried.</summary>
    public bool StoppedEarly => _settings.Patience > 0 && _validation != null && _epochs.Count > 0
        && _epochs.Count - _epochs.MaxBy(e => e.ValidationAccuracy)!.Epoch >= _settings.Patience;

    /// <summary>Epochs done so far.</summary>
    public int Epochs => _epochs.Count;

    /// <summary>What the last epoch came to.</summary>
    public EpochMetrics Last => _epochs[^1];

    /// <summary>Streams the training pictures as settings ask for it.</summary>
    /// <param name="isNormalized">Whether the network has batch normalization.</param>
    /// <param name="training">The pictures.</param>
    /// <param name="settings">Batch, augmentation, seed.</param>
    /// <param name="workers">Threads.</param>
    /// <exception cref="TrainingException">The pictures are too few for the network.</exception>
    internal static BatchLoader Loader(bool isNormalized, IBatchFiller training, TrainingSettings settings, int workers)
    {
        int batch = Math.Min(settings.Batch, training.Count);
        if (batch < 2 && isNormalized)
            throw new TrainingException("Batch normalization needs batches of two or more pictures. Give a larger --batch, or more pictures.");
        return new BatchLoader(
            training, training.Count, batch, AugmentationPlan.Parse(settings.Augmentation), settings.Seed, workers, settings.ChannelsLast);
    }

    /// <summary>Trains one epoch.</summary>
    /// <param name="progress">Hears of each step.</param>
    /// <param name="cancel">Stops between two steps.</param>
    /// <returns>Whether it is the best so far.</returns>
    /// <exception cref="OperationCanceledException">Stopped in the middle; the loop is of no further use.</exception>
    public bool RunEpoch(ITrainingProgress? progress = null, CancellationToken cancel = default)
    {
        int epoch = _epochs.Count + 1;
        var watch = Stopwatch.StartNew();
        (double loss, double accuracy, double rate) = TrainEpoch(epoch, progress, watch, cancel);
        double images = _loader.Steps * (double)_loader.BatchSize / watch.Elapsed.TotalSeconds;

        MeasureStatistics(cancel);
        (double Loss, double Accuracy)? validation = _validation == null ? null : Evaluation.Run(_average, _validation, _resources, cancel);
        double seconds = watch.Elapsed.TotalSeconds;
        _epochs.Add(new EpochMetrics(epoch, loss, accuracy, validation?.Loss, validation?.Accuracy, rate, images, seconds));

        bool best = IsBest();
        if (best)
            (_bestEpoch, _best, _bestStatistics) = (epoch, _average.Flat.Floats(), _average.Statistics.Floats());
        return best;
    }

    /// <summary>Everything that a later process needs to go on.</summary>
    public TrainingState State() => new()
    {
        Epochs = [.. _epochs],
        BestEpoch = _bestEpoch,
        Weights = _network.Flat.Floats(),
        FirstMoment = _optimizer.FirstMoment.Floats(),
        SecondMoment = _optimizer.SecondMoment.Floats(),
        Average = _average.Flat.Floats(),
        Best = _best,
        BestStatistics = _bestStatistics,
    };

    /// <summary>Steps of an epoch.</summary>
    public int StepsPerEpoch => _loader.Steps;

    /// <inheritdoc/>
    public void Dispose()
    {
        _loader.Dispose();
        _measured?.Dispose();
        _step.Dispose();
        _team.Dispose();
        _classWeights?.Dispose();
        _optimizer.Dispose();
        _average.Dispose();
        _network.Dispose();
    }

    private static (IPartedNetwork Trained, IPartedNetwork Average) Networks(
        NetworkDescription network, PictureSamples training, PictureInput picture, TrainingSettings settings)
    {
        float[] weights = LayerWeights.Initial(network, settings.Seed), statistics = LayerWeights.InitialStatistics(network);
        Whitening.Apply(network, weights, training, picture);
        return (new TorchNetwork(network, weights, statistics), new TorchNetwork(network, weights, statistics));
    }

    private (double Loss, double Accuracy, double Rate) TrainEpoch(
        int epoch, ITrainingProgress? progress, Stopwatch watch, CancellationToken cancel)
    {
        double loss = 0, rate = 0;
        long correct = 0, seen = 0;
        int step = 0;
        foreach (Batch batch in _loader.Epoch(epoch, cancel))
        {
            cancel.ThrowIfCancellationRequested();
            long total = (long)(epoch - 1) * _loader.Steps + step++;
            rate = _schedule.Rate(total);
            (double error, long right) = _step.Run(batch, rate, total);
            UpdateAverage(total);
            loss += Finite(error, epoch);
            correct += right;
            seen += batch.Labels.shape[0];
            progress?.Step(epoch, step, loss / step, (double)correct / seen, seen / watch.Elapsed.TotalSeconds);
        }
        return (loss / step, (double)correct / seen, rate);
    }

    private static double Finite(double loss, int epoch) => double.IsFinite(loss)
        ? loss
        : throw new TrainingException($"The loss is no longer a number in epoch {epoch}: the learning rate is too high. Give a smaller --lr.");

    /// <summary>
    /// Best is the latest epoch whose validation accuracy is within one standard error of the highest: below that, differences are
    /// chance, and a later epoch has seen more at a lower rate.
    /// Source: Breiman et al., "Classification and regression trees" (1984), section 3.4.3.
    /// </summary>
    private bool IsBest()
    {
        if (_validation == null) return true;
        double highest = _epochs.Max(e => e.ValidationAccuracy ?? 0);
        double error = Math.Sqrt(highest * (1 - highest) / _validation.Count);
        return _epochs[^1].ValidationAccuracy >= highest - error;
    }

    /// <summary>The decay grows with the steps, so that the random weights of the beginning are forgotten soon.</summary>
    private void UpdateAverage(long step)
    {
        double decay = Math.Min(_settings.AverageDecay, (1.0 + step) / (10.0 + step));
        _step.Average(_average.Flat, 1 - decay);
    }

    /// <summary>
    /// Batch normalization of averaged weights needs statistics of its own: those of the weights that were averaged do not fit them.
    /// </summary>
    private void MeasureStatistics(CancellationToken cancel)
    {
        if (_measured == null) return;
        int measured = 0;
        foreach (Batch batch in _loader.Epoch(MeasuringEpoch, cancel))
        {
            _measured.Measure(batch, Pass.Measuring(measured));
            if (++measured == MeasuredBatches) break;
        }
    }

    private void Restore(TrainingState state)
    {
        _network.Load(state.Weights);
        _average.Load(state.Average);
        TorchNetwork.Copy(state.FirstMoment, _optimizer.FirstMoment);
        TorchNetwork.Copy(state.SecondMoment, _optimizer.SecondMoment);
        _epochs = [.. state.Epochs];
        (_bestEpoch, _best, _bestStatistics) = (state.BestEpoch, state.Best, state.BestStatistics);
    }
}
