using EdgeConv.Converters.Data;
using EdgeConv.Converters.Visualization;

namespace EdgeConv.Cli.Visualization;

/// <summary>A picture whose answer was asked for piece by piece.</summary>
/// <param name="Title">What it is: a file's name, or its place in the data set.</param>
/// <param name="Bytes">As the network sees it.</param>
/// <param name="Label">Its class, where that is known.</param>
/// <param name="Float">Confidences of the float network.</param>
/// <param name="Int8">Confidences of the int8 network.</param>
/// <param name="Map">What speaks for the float network's answer.</param>
internal sealed record Saliency(string Title, byte[] Bytes, int? Label, float[] Float, float[] Int8, OcclusionMap Map);

/// <summary>All that the page shows.</summary>
internal sealed record VisualizeResult
{
    /// <summary>What was asked for.</summary>
    public required VisualizeOptions Options { get; init; }

    /// <summary>The two networks.</summary>
    public required Twins Twins { get; init; }

    /// <summary>The test pictures.</summary>
    public required IDataSet Data { get; init; }

    /// <summary>The same as the network sees them.</summary>
    public required ShownPictures Pictures { get; init; }

    /// <summary>Names of the classes, one an output.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Patches and answers; labels are the network's classes.</summary>
    public required TwinSurvey Survey { get; init; }

    /// <summary>The layers' outputs for the first of <see cref="Saliencies"/>.</summary>
    public required IReadOnlyList<FeatureMaps> Maps { get; init; }

    /// <summary>The picture that was followed, then others of the data set.</summary>
    public required IReadOnlyList<Saliency> Saliencies { get; init; }

    /// <summary>From the run folder; empty when there is none.</summary>
    public required IReadOnlyList<EpochMetrics> Epochs { get; init; }

    /// <summary>Share of right answers in float and in int8.</summary>
    public (double Float, double Int8, double Same) Accuracy
    {
        get
        {
            double count = Math.Max(1, Survey.Answers.Count);
            return (Survey.Answers.Count(a => a.Float == a.Label) / count, Survey.Answers.Count(a => a.Int8 == a.Label) / count,
                Survey.Answers.Count(a => a.Int8 == a.Float) / count);
        }
    }
}
