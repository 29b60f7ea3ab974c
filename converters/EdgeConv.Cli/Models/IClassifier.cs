using EdgeConv.Converters.Data;
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

/// <summary>Names of classes, and which class of a data set is which of a model.</summary>
internal static class Classes
{
    /// <summary>A class's name, or its number when the model carries no names.</summary>
    public static string Name(IReadOnlyList<string> labels, int index) => index < labels.Count ? labels[index] : $"{index}";

    /// <summary>The model's class of each class of a data set: by name where the model carries names, else by position.</summary>
    /// <param name="labels">The model's names.</param>
    /// <param name="count">The model's classes.</param>
    /// <param name="data">The data set.</param>
    /// <exception cref="FailureException">The data set's classes are not the model's.</exception>
    public static int[] Map(IReadOnlyList<string> labels, int count, IDataSet data)
    {
        string[] names = [.. labels];
        if (names.Length > 0 && data.Classes.All(name => names.Contains(name)))
        {
            return [.. data.Classes.Select(name => Array.IndexOf(names, name))];
        }

        return data.Classes.Count == count
            ? [.. Enumerable.Range(0, count)]
            : throw new FailureException(
                $"data set '{data.Name}' has {data.Classes.Count} classes ({Some(data.Classes)}), "
                + $"the model has {count} ({Some(names)}). "
                + "Use data of the classes that it was trained on.");
    }

    private static string Some(IReadOnlyList<string> names) =>
        names.Count == 0 ? "unnamed" : string.Join(", ", names.Take(5)) + (names.Count > 5 ? ", ..." : "");
}
