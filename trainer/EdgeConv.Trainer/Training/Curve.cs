using ScottPlot;

namespace EdgeConv.Trainer.Training;

/// <summary>The training as a picture: loss on the left, accuracy on the right.</summary>
internal static class Curve
{
    private const int Width = 1200, Height = 480;

    private static readonly Color _train = Color.FromHex("#2f6db5"), _validation = Color.FromHex("#d9602b");

    /// <summary>A PNG.</summary>
    public static byte[] Draw(string title, TrainingMetrics metrics)
    {
        var multiplot = new Multiplot();
        multiplot.AddPlots(2);
        multiplot.Layout = new ScottPlot.MultiplotLayouts.Columns();
        double[] epochs = [.. metrics.Epochs.Select(e => (double)e.Epoch)];

        Plot loss = multiplot.GetPlot(0), accuracy = multiplot.GetPlot(1);
        Line(loss, epochs, metrics.Epochs.Select(e => (double?)e.TrainLoss), _train, "training");
        Line(loss, epochs, metrics.Epochs.Select(e => e.ValidationLoss), _validation, "validation");
        Finish(loss, $"{title}: loss", "cross entropy", Alignment.UpperRight);

        Line(accuracy, epochs, metrics.Epochs.Select(e => (double?)e.TrainAccuracy * 100), _train, "training");
        Line(accuracy, epochs, metrics.Epochs.Select(e => e.ValidationAccuracy * 100), _validation, "validation");
        if (metrics.BestEpoch > 0 && metrics.Epochs[metrics.BestEpoch - 1].ValidationAccuracy is { } best)
        {
            var marker = accuracy.Add.Marker(metrics.BestEpoch, best * 100, MarkerShape.OpenCircle, 16, _validation);
            marker.LegendText = FormattableString.Invariant($"best, epoch {metrics.BestEpoch}: {best * 100:F2} %");
            marker.LineWidth = 2;
        }
        double?[] validated = [.. metrics.Epochs.Select(e => e.ValidationAccuracy * 100)];
        if (validated.Min() is { } lowest) // the first epochs on training pictures would squeeze all that matters into the top
            accuracy.Axes.SetLimitsY(Math.Floor(lowest) - 2, 100 + (100 - lowest) * 0.1);
        string test = metrics.TestAccuracy is { } tested ? FormattableString.Invariant($", test {tested * 100:F2} %") : "";
        Finish(accuracy, $"accuracy{test}", "percent", Alignment.LowerRight);
        return multiplot.Render(Width, Height).GetImageBytes(ImageFormat.Png);
    }

    private static void Line(Plot plot, double[] epochs, IEnumerable<double?> values, Color color, string name)
    {
        double[] numbers = [.. values.OfType<double>()];
        if (numbers.Length != epochs.Length) return;
        ScottPlot.Plottables.Scatter line = plot.Add.Scatter(epochs, numbers, color);
        (line.LegendText, line.LineWidth, line.MarkerSize) = (name, 2, epochs.Length > 40 ? 0 : 6);
    }

    private static void Finish(Plot plot, string title, string unit, Alignment legend)
    {
        plot.Title(title);
        plot.XLabel("epoch");
        plot.YLabel(unit);
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = true };
        plot.ShowLegend(legend);
    }
}
