using System.Globalization;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Networks;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Trainer.Native;
using EdgeConv.Trainer.Networks;
using EdgeConv.Trainer.Parts;
using EdgeConv.Trainer.Pictures;

namespace EdgeConv.Trainer.Training;

/// <summary>
/// Trains some hundred steps with a rate that grows from step to step, until the loss grows with it: a good highest rate is a little below
/// the turn. Source: Smith, "Cyclical learning rates for training neural networks" (2017), section 3.3.
/// </summary>
internal static class LearningRateFinder
{
    private const int Steps = 200;
    private const double Smoothing = 0.9, Diverged = 3;

    /// <summary>Tries the rates.</summary>
    public static LearningRateCurve Run(TrainingSettings settings, IDataSet data, Resources resources, CancellationToken cancel)
    {
        NetworkDescription network = KnownNetworks.Open(settings.Model, settings.Network with { Classes = data.Classes.Count });
        PictureLayout layout = TrainingRun.Layout(network, data);
        using PictureSamples samples = PictureSamples.Load(data, layout, cancel: cancel);
        (float[] mean, float[] deviation) = samples.Statistics();
        return Run(network, samples, new PictureInput(layout, mean, deviation), settings, resources, cancel);
    }

    /// <summary>Tries the rates.</summary>
    public static LearningRateCurve Run(NetworkDescription description, PictureSamples samples, PictureInput picture, TrainingSettings settings,
        Resources? resources = null, CancellationToken cancel = default)
    {
        LibTorch.UseDevice(settings.Device);
        resources ??= new Resources();
        (double lowest, double highest) = settings.Optimizer == OptimizerKind.AdamW ? (1e-6, 1) : (1e-4, 10);
        float[] weights = LayerWeights.Initial(description, settings.Seed);
        Whitening.Apply(description, weights, samples, picture);
        using var network = new TorchNetwork(description, weights, LayerWeights.InitialStatistics(description));
        using IOptimizer optimizer = TrainingStep.Optimizer(network, settings);
        using BatchLoader loader = TrainingLoop.Loader(description.Statistics > 0, new BatchFiller(samples, picture), settings, resources.Workers);
        using var team = new PartTeam(resources.ThreadsFor(settings.PartsOfBatch));
        using var step = new TrainingStep(network, optimizer, settings, team, null);
        var points = new List<(double Rate, double Loss)>();
        double smooth = 0;
        for (int epoch = 1; points.Count < Steps; epoch++)
        {
            foreach (Batch batch in loader.Epoch(epoch, cancel))
            {
                cancel.ThrowIfCancellationRequested();
                double rate = lowest * Math.Pow(highest / lowest, points.Count / (Steps - 1.0));
                double loss = step.Run(batch, rate, points.Count).Loss;
                smooth = Smoothing * smooth + (1 - Smoothing) * loss;
                double mean = smooth / (1 - Math.Pow(Smoothing, points.Count + 1));
                if (!double.IsFinite(mean) || (points.Count > 0 && mean > Diverged * points.Min(p => p.Loss))) return new LearningRateCurve(points);
                points.Add((rate, mean));
                if (points.Count == Steps) break;
            }
        }
        return new LearningRateCurve(points);
    }
}

/// <summary>Loss against learning rate.</summary>
/// <param name="Points">Rising rates, and the loss there, smoothed over the steps before.</param>
internal sealed record LearningRateCurve(IReadOnlyList<(double Rate, double Loss)> Points)
{
    private const int Rows = 25, Columns = 60;

    // The lowest loss is reached on the brink; what holds for a whole training is well before it.
    private const double Margin = 5;

    /// <summary>A highest learning rate that should do: a fifth of the rate at the lowest loss.</summary>
    public double Suggestion => Points.Count == 0 ? 0 : Points.MinBy(p => p.Loss).Rate / Margin;

    /// <summary>The curve and the suggestion, for people.</summary>
    public IEnumerable<string> Lines()
    {
        if (Points.Count == 0)
            return ["The loss is no number from the first step on: the pictures or the network are at fault, not the learning rate."];
        double lowest = Points.Min(p => p.Loss), highest = Points.Max(p => p.Loss), range = Math.Max(highest - lowest, 1e-9);
        int every = Math.Max(1, Points.Count / Rows);
        IEnumerable<string> rows = Points.Where((_, i) => i % every == 0).Select(p => string.Create(CultureInfo.InvariantCulture,
            $"{p.Rate,10:0.0e+00}  {p.Loss,8:F4}  {new string('#', 1 + (int)((p.Loss - lowest) / range * Columns))}"));
        return [" learn rate      loss", .. rows, string.Create(CultureInfo.InvariantCulture, $"suggestion: --lr {Suggestion:0.#e+00}")];
    }
}
