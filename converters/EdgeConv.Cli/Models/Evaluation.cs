using System.Diagnostics;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Data;
using EdgeConv.Devices.Deciding;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Models;

/// <summary>How well one class is told from the others.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Images">Pictures of it.</param>
/// <param name="Recall">Share of its pictures that were found; 0 without pictures.</param>
/// <param name="Precision">Share of right answers among those that named it; 0 when none did.</param>
public sealed record ClassScore(string Label, int Images, double Recall, double Precision);

/// <summary>A picture that was taken for something else.</summary>
/// <param name="Index">In the data set.</param>
/// <param name="Expected">Its class.</param>
/// <param name="Found">The answer.</param>
/// <param name="Confidence">Of that answer.</param>
public sealed record Mistake(int Index, int Expected, int Found, float Confidence);

/// <summary>A model measured on labelled pictures.</summary>
/// <param name="Images">Pictures seen.</param>
/// <param name="Correct">Right answers.</param>
/// <param name="Confusion">[expected][found] counts.</param>
/// <param name="Classes">One a class.</param>
/// <param name="Mistakes">In the order of the data set.</param>
/// <param name="Seconds">Wall clock, decoding included.</param>
/// <param name="Skipped">What did not decode and is not counted, a message each.</param>
internal sealed record Evaluation(
    int Images, int Correct, int[][] Confusion, IReadOnlyList<ClassScore> Classes, IReadOnlyList<Mistake> Mistakes, double Seconds,
    IReadOnlyList<string> Skipped)
{
    /// <summary>Share of right answers.</summary>
    public double Accuracy => Images == 0 ? 0 : (double)Correct / Images;

    /// <summary>Classifies pictures on all cores.</summary>
    /// <param name="create">Makes a classifier; called once a thread.</param>
    /// <param name="data">Labelled pictures.</param>
    /// <param name="limit">At most so many, spread evenly over the set.</param>
    /// <param name="terminal">For the progress.</param>
    /// <param name="cancel">Stops between two pictures.</param>
    /// <exception cref="FailureException">The data set's classes are not the model's.</exception>
    /// <exception cref="DataSetException">No picture decodes.</exception>
    public static Evaluation Run(Func<IClassifier> create, IDataSet data, int limit, Terminal terminal, CancellationToken cancel)
    {
        using IClassifier first = create();
        int[] classOf = Models.Classes.Map(first.Labels, first.Classes, data);
        int count = Math.Min(data.Count, limit);
        int[] found = new int[count];
        float[] sure = new float[count];
        string?[] failures = new string?[count];
        int IndexOf(int i) => (int)((long)i * data.Count / count);

        Stopwatch watch = Stopwatch.StartNew();
        terminal.Progress($"classifying {Units.Count(count)} pictures", count, report =>
        {
            int done = 0;
            ParallelOptions options = new() { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount };
            Parallel.For(0, count, options, create, (i, _, classifier) =>
            {
                Span<float> confidences = stackalloc float[classifier.Classes];
                if (data.TryLoad(IndexOf(i), out Picture picture, out failures[i]))
                {
                    classifier.Classify(picture, confidences);
                    found[i] = Confidences.Best(confidences);
                    sure[i] = confidences[found[i]];
                }

                int now = Interlocked.Increment(ref done);
                if (now % 64 == 0 || now == count)
                {
                    report(now);
                }

                return classifier;
            }, classifier => classifier.Dispose());
        });

        int[][] confusion = [.. Enumerable.Range(0, first.Classes).Select(_ => new int[first.Classes])];
        List<Mistake> mistakes = [];
        int[] seen = [.. Enumerable.Range(0, count).Where(i => failures[i] is null)];
        string[] skipped = [.. failures.OfType<string>()];
        if (seen.Length == 0)
        {
            throw new DataSetException($"{data.Name}: none of {Units.Count(count)} pictures decodes. The first: {skipped[0]}");
        }

        foreach (int i in seen)
        {
            int expected = classOf[data.Label(IndexOf(i))];
            confusion[expected][found[i]]++;
            if (expected != found[i])
            {
                mistakes.Add(new Mistake(IndexOf(i), expected, found[i], sure[i]));
            }
        }

        ClassScore[] classes =
            [.. Enumerable.Range(0, first.Classes).Select(c => Score(confusion, c, Models.Classes.Name(first.Labels, c)))];
        return new Evaluation(
            seen.Length, seen.Length - mistakes.Count, confusion, classes, mistakes, watch.Elapsed.TotalSeconds, skipped);
    }

    private static ClassScore Score(int[][] confusion, int c, string label)
    {
        int images = confusion[c].Sum();
        int answers = confusion.Sum(row => row[c]);
        double right = confusion[c][c];
        return new ClassScore(label, images, images == 0 ? 0 : right / images, answers == 0 ? 0 : right / answers);
    }
}
