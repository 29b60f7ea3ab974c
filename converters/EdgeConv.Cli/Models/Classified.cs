namespace EdgeConv.Cli.Models;

/// <summary>One class and how sure the model is.</summary>
/// <param name="Index">Number of the class.</param>
/// <param name="Label">Its name.</param>
/// <param name="Confidence">0 to 1.</param>
public sealed record Answer(int Index, string Label, float Confidence);

/// <summary>What a model says about one input.</summary>
/// <param name="Source">The picture's file, or the number of the raw tensor.</param>
/// <param name="Top">Most likely first.</param>
/// <param name="Milliseconds">For the network alone.</param>
/// <param name="Converted">What was done to the picture to fit the model; null when it fitted.</param>
public sealed record Classified(string Source, IReadOnlyList<Answer> Top, double Milliseconds, string? Converted)
{
    /// <summary>Sorts confidences into answers.</summary>
    public static Classified From(
        string source, ReadOnlySpan<float> confidences, IReadOnlyList<string> labels, int top, double seconds, string? converted = null)
    {
        float[] values = confidences.ToArray();
        int[] order = [.. Enumerable.Range(0, values.Length).OrderByDescending(i => values[i]).Take(top)];
        return new Classified(source, [.. order.Select(i => new Answer(i, Classes.Name(labels, i), values[i]))], seconds * 1e3, converted);
    }
}
