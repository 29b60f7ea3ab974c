using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters.Data;

/// <summary>Pictures of a data set that are of no use: damaged files, empty ones, what is no picture.</summary>
public static class SkippedPictures
{
    private const int MostNamed = 10;

    /// <summary>A picture, or why there is none.</summary>
    /// <param name="data">Where it comes from.</param>
    /// <param name="index">Which one.</param>
    /// <param name="picture">The picture where it decodes.</param>
    /// <param name="reason">A sentence that names the file where it does not.</param>
    public static bool TryLoad(this IDataSet data, int index, out Picture picture, [NotNullWhen(false)] out string? reason)
    {
        (picture, reason) = (default, null);
        try
        {
            picture = data.Load(index);
            return true;
        }
        catch (DataSetException e)
        {
            reason = e.Message;
            return false;
        }
    }

    /// <summary>How many, and the first of them by name; nothing where all are good.</summary>
    /// <param name="data">Name of the data set.</param>
    /// <param name="used">How many decode.</param>
    /// <param name="skipped">Of each other picture, why it does not.</param>
    public static IEnumerable<string> Lines(string data, int used, IReadOnlyList<string> skipped)
    {
        if (skipped.Count == 0) yield break;
        yield return string.Create(CultureInfo.InvariantCulture, $"{data}: {skipped.Count:N0} {(skipped.Count == 1 ? "picture is" : "pictures are")} left out, {used:N0} used.");
        foreach (string reason in skipped.Take(MostNamed)) yield return "  " + reason;
        if (skipped.Count > MostNamed) yield return string.Create(CultureInfo.InvariantCulture, $"  and {skipped.Count - MostNamed:N0} more");
    }

    /// <summary>The same of loaded pictures.</summary>
    public static IEnumerable<string> Lines(string data, PictureSamples pictures) => Lines(data, pictures.Count, pictures.Skipped);
}
