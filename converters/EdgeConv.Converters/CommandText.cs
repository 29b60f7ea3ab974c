namespace EdgeConv.Converters;

/// <summary>A command line as it can be typed again.</summary>
public static class CommandText
{
    private const string Plain = "-_./,:=@+%";

    /// <summary>The program's name and its words, those with blanks and the like in quotes.</summary>
    /// <param name="words">What followed the program's name.</param>
    public static string Of(IEnumerable<string> words) => string.Join(' ', ["edgeconv", .. words.Select(Quote)]);

    private static string Quote(string word) => word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || Plain.Contains(letter))
        ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
