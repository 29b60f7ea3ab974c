using System.Globalization;

namespace EdgeConv.Converters.Visualization;

/// <summary>A filter chosen by hand.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Rows">At least 1.</param>
/// <param name="Columns">At least 1.</param>
/// <param name="Values">Rows x columns.</param>
public sealed record FilterKernel(string Name, int Rows, int Columns, float[] Values)
{
    /// <summary>Longest side of a filter from a file.</summary>
    public const int LargestSide = 31;

    private static readonly FilterKernel[] _known =
    [
        Square("vertical", [1, 0, -1, 1, 0, -1, 1, 0, -1]),
        Square("horizontal", [1, 1, 1, 0, 0, 0, -1, -1, -1]),
        Square("sobel", [1, 0, -1, 2, 0, -2, 1, 0, -1]),
        Square("sobel-y", [1, 2, 1, 0, 0, 0, -1, -2, -1]),
        Square("scharr", [3, 0, -3, 10, 0, -10, 3, 0, -3]),
    ];

    /// <summary>Names that <see cref="Find"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _known.Select(kernel => kernel.Name)];

    /// <summary>The filter of that name, or null.</summary>
    public static FilterKernel? Find(string name) => Array.Find(_known, kernel => kernel.Name == name);

    /// <summary>Reads numbers, rows by lines; blanks or commas between them, '#' begins a comment.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="text">The file.</param>
    /// <exception cref="ConversionException">Not a rectangle of numbers; the message names line and column.</exception>
    public static FilterKernel Parse(string name, string text)
    {
        List<float> values = [];
        (int rows, int columns) = (0, 0);
        foreach ((int index, string line) in text.Split('\n').Index())
        {
            int before = values.Count;
            foreach ((int at, string word) in Words(line))
            {
                values.Add(Number(name, index + 1, at + 1, word));
            }

            int found = values.Count - before;
            columns = rows == 0 ? found : columns;
            if (found != 0 && (found != columns || found > LargestSide))
            {
                throw new ConversionException($"{name}, line {index + 1}: {found} numbers; expected "
                    + (found != columns ? $"{columns}, as in the first row." : $"at most {LargestSide}."));
            }

            rows += found == 0 ? 0 : 1;
        }

        return rows is >= 1 and <= LargestSide
            ? new FilterKernel(name, rows, columns, [.. values])
            : throw new ConversionException($"{name} holds {rows} rows of numbers; expected 1 to {LargestSide}, a line each, such as 1 0 -1.");
    }

    private static FilterKernel Square(string name, float[] values) => new(name, 3, 3, values);

    private static IEnumerable<(int At, string Word)> Words(string line)
    {
        int end = line.IndexOf('#') is >= 0 and var comment ? comment : line.Length;
        for (int at = 0; at < end; at++)
        {
            int start = at;
            while (at < end && line[at] is not (' ' or '\t' or '\r' or ',' or ';'))
            {
                at++;
            }

            if (at > start)
            {
                yield return (start, line[start..at]);
            }
        }
    }

    private static float Number(string name, int line, int column, string word) =>
        float.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && Math.Abs(value) <= 1e6f
            ? value
            : throw new ConversionException(
                $"{name}, line {line}, column {column}: '{word}' is not a number between -1000000 and 1000000, such as 0.5 or -1.");
}
