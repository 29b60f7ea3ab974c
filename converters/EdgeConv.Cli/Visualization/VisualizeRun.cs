using EdgeConv.Cli.Models;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters;
using EdgeConv.Converters.Boards;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.Visualization;
using EdgeConv.Devices.Deciding;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Visualization;

/// <summary>The work of `visualize`: both networks over the data set, then a few pictures looked at closely.</summary>
/// <param name="options">What was asked for.</param>
/// <param name="terminal">For progress and notes.</param>
/// <param name="cancel">Stops between two pictures.</param>
internal sealed class VisualizeRun(VisualizeOptions options, Terminal terminal, CancellationToken cancel)
{
    private const int CalibrationImages = 500;
    private const int PicturesLookedAt = 4;

    // Covering squares takes an inference each; large networks get fewer and larger squares.
    private const double LongestSaliency = 2e11;
    private static readonly int[] _squaresAlongASide = [14, 10, 7, 5];

    /// <summary>Does it; the result is valid while it is shown.</summary>
    /// <exception cref="ConversionException">The model was not made from this network, or the network takes no pictures.</exception>
    public void Run(Action<VisualizeResult> show)
    {
        Graph graph = GraphSource.Read(options.Source);
        IDataSet data = DataSetFile.Open(options.Data, Split.Test, terminal, cancel);
        graph = Twins.Completed(graph, data);
        Picture? chosen = options.Picture is { } file ? PictureFile.Load(file) : null;
        using Model model = options.Model is { } path ? ModelFile.Open(path) : Convert();
        Twins twins = new(graph, model);
        int[] classOf = Classes.Map(twins.Labels, model.Output.Length, data);
        ShownPictures pictures = new(data, twins.Float.Picture!.Layout);

        TwinSurvey survey = Survey(twins, data);
        survey = survey with { Answers = [.. survey.Answers.Select(answer => answer with { Label = classOf[answer.Label] })] };
        using TwinRun run = new(twins);
        Saliency[] saliencies = Look(run, pictures, Subjects(survey, chosen, pictures, twins), Squares(twins, model));
        show(new VisualizeResult
        {
            Options = options,
            Twins = twins,
            Data = data,
            Pictures = pictures,
            Classes = [.. Enumerable.Range(0, model.Output.Length).Select(i => Classes.Name(twins.Labels, i))],
            Survey = survey,
            Maps = FeatureMaps.Of(twins, run, saliencies[0].Bytes),
            Saliencies = saliencies,
            Epochs = TrainingHistory.Read(options.Source, terminal),
        });
    }

    private Model Convert()
    {
        ConversionRun conversion = new(options.Source, options.Data, Test: null, CalibrationMethod.MinMax, CalibrationImages)
        {
            Options = new ConversionOptions { ComparedImages = 1, GoldenVectors = 0 },
        };
        return Model.Load(conversion.Run(terminal, cancel).File);
    }

    private TwinSurvey Survey(Twins twins, IDataSet data)
    {
        int count = Math.Min(options.Images, data.Count);
        TwinSurvey? survey = null;
        terminal.Progress($"float and int8 on {Units.Count(count)} pictures", count, report =>
            survey = PatchSearch.Run(twins, data, options.Images, new Relay(report), cancel));
        return survey!;
    }

    private Saliency[] Look(TwinRun run, ShownPictures pictures, Subject[] subjects, (int Side, int Step) square)
    {
        List<Saliency> found = [];
        int each = Occlusion.Squares(pictures.Layout, square.Side, square.Step);
        terminal.Progress("covering pictures square by square", (long)each * subjects.Length, report =>
        {
            foreach (Subject subject in subjects)
            {
                long before = (long)each * found.Count;
                OcclusionMap map = Occlusion.Run(run, pictures.Layout, subject.Bytes, square.Side, square.Step,
                    new Relay(done => report(before + done)), cancel);
                run.Run(subject.Bytes);
                found.Add(new Saliency(subject.Title, subject.Bytes, subject.Label, Softmax(run.Float), Softmax(run.Int8), map));
            }
        });
        return [.. found];
    }

    /// <summary>The picture that was asked for; then one on which the networks differ, one that int8 gets wrong, and right ones.</summary>
    private static Subject[] Subjects(TwinSurvey survey, Picture? chosen, ShownPictures pictures, Twins twins)
    {
        TwinAnswer[] right = [.. survey.Answers.Where(a => a.Int8 == a.Label && a.Float == a.Label).DistinctBy(a => a.Label)];
        IEnumerable<TwinAnswer> answers = right.Take(chosen is null ? 1 : 0)
            .Concat(survey.Answers.Where(a => a.Float != a.Int8).Take(1))
            .Concat(survey.Answers.Where(a => a.Int8 != a.Label).Take(2))
            .Concat(right).Concat(survey.Answers).DistinctBy(a => a.Picture);
        IEnumerable<Subject> subjects = answers.Take(PicturesLookedAt - (chosen is null ? 0 : 1)).Select(answer => new Subject(
            $"picture {answer.Picture}: {Classes.Name(twins.Labels, answer.Label)}", pictures.Bytes(answer.Picture), answer.Label));
        return chosen is { } picture ? [new Subject("your picture", pictures.Bytes(picture), null), .. subjects] : [.. subjects];
    }

    private static (int Side, int Step) Squares(Twins twins, Model model)
    {
        PictureLayout layout = twins.Float.Picture!.Layout;
        double macs = model.Operators.Sum(step => (double)LayerCost.Of(model, step).Macs);
        int along = _squaresAlongASide.FirstOrDefault(n => macs * n * n * PicturesLookedAt <= LongestSaliency, _squaresAlongASide[^1]);
        int step = Math.Max(1, Math.Max(layout.Width, layout.Height) / along);
        return (Math.Max(2 * step, Math.Min(layout.Width, layout.Height) / 5), step);
    }

    private static float[] Softmax(ReadOnlySpan<float> logits)
    {
        float[] confidences = logits.ToArray();
        Confidences.Softmax(confidences);
        return confidences;
    }

    private sealed record Subject(string Title, byte[] Bytes, int? Label);

    // System.Progress would report late, from another thread.
    private sealed class Relay(Action<long> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
