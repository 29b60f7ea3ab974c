namespace EdgeConv.Converters.TfLite.Schema;

/// <summary>Names from a file, made fit for messages and for looking things up: printable, of bounded length, each once.</summary>
internal sealed class UniqueNames
{
    private const int Longest = 256;

    private readonly Dictionary<string, int> _seen = [];

    /// <summary>The name, or another when there is none; with a number behind it when it is taken.</summary>
    public string Add(string name, string otherwise)
    {
        string printable = Printable(name) is { Length: > 0 } text ? text : otherwise;
        string unique = printable;
        while (!_seen.TryAdd(unique, 1))
        {
            unique = $"{printable}_{_seen[printable]++}";
        }

        return unique;
    }

    /// <summary>The name without what a terminal would act on.</summary>
    public static string Printable(string name) =>
        string.Concat(name.Take(Longest).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
}
