using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Models;

/// <summary>A model that names the class of a picture. One a thread.</summary>
internal interface IClassifier : IDisposable
{
    /// <summary>Number of classes.</summary>
    int Classes { get; }

    /// <summary>Names of the classes; empty when the model carries none.</summary>
    IReadOnlyList<string> Labels { get; }

    /// <summary>How pictures reach the model.</summary>
    PictureLayout Layout { get; }

    /// <summary>Preprocesses and runs.</summary>
    /// <param name="picture">Any size and colour.</param>
    /// <param name="confidences">[Classes], sum 1.</param>
    /// <returns>Seconds for the network alone.</returns>
    double Classify(in Picture picture, Span<float> confidences);
}

/// <summary>Confidences and names.</summary>
internal static class Classes
{
    /// <summary>exp(x - max) / sum, in place.</summary>
    public static void Softmax(Span<float> values)
    {
        float max = float.NegativeInfinity;
        foreach (float value in values)
        {
            max = Math.Max(max, value);
        }

        double sum = 0;
        foreach (ref float value in values)
        {
            value = MathF.Exp(value - max);
            sum += value;
        }

        foreach (ref float value in values)
        {
            value = (float)(value / sum);
        }
    }

    /// <summary>Index of the largest value, the first of equals.</summary>
    public static int Best(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            best = values[i] > values[best] ? i : best;
        }

        return best;
    }

    /// <summary>A class's name, or its number when the model carries no names.</summary>
    public static string Name(IReadOnlyList<string> labels, int index) => index < labels.Count ? labels[index] : $"{index}";
}
