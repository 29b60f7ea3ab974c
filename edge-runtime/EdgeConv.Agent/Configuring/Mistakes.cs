namespace EdgeConv.Agent.Configuring;

/// <summary>Where something stands in a file, both from 1.</summary>
internal readonly record struct Place(int Line, int Column);

/// <summary>All that is wrong with a configuration file, so that it is said at once.</summary>
internal sealed class Mistakes(string file)
{
    // Of a file that is something else altogether nobody reads more.
    private const int MostSaid = 50;

    private readonly List<(Place Place, string Message)> _all = [];

    /// <summary>The file, as it was named.</summary>
    public string File => file;

    /// <summary>Adds one.</summary>
    public void Add(Place place, string message) => _all.Add((place, message));

    /// <summary>Ends the reading of a file with mistakes.</summary>
    /// <param name="more">What to know beside them.</param>
    /// <exception cref="ConfigurationException">There are some.</exception>
    public void ThrowIfAny(string more = "")
    {
        if (_all.Count > 0)
        {
            IEnumerable<string> said = _all.OrderBy(mistake => mistake.Place.Line).ThenBy(mistake => mistake.Place.Column).Take(MostSaid)
                .Select(mistake => $"{file}:{mistake.Place.Line}:{mistake.Place.Column}: {OneLine(mistake.Message)}");
            throw new ConfigurationException(file, _all.Count, more, _all.Count > MostSaid ? [.. said, $"{file}: and {_all.Count - MostSaid} more"] : [.. said]);
        }
    }

    // What was found may have line ends and worse in it.
    private static string OneLine(string message) => string.Concat(message.Select(letter => char.IsControl(letter) ? ' ' : letter));

    /// <summary>What somebody who wrote one word may have meant: the nearest of these, or all of them where none is near.</summary>
    public static string Suggest(string found, IReadOnlyCollection<string> known)
    {
        (string name, int edits) = known.Select(name => (name, WordDistance.Between(found, name))).DefaultIfEmpty(("", int.MaxValue)).MinBy(pair => pair.Item2);
        return edits <= Math.Max(1, found.Length / 3) ? $"did you mean '{name}'?" : $"expected {string.Join(", ", known.Order(StringComparer.Ordinal))}.";
    }
}

/// <summary>A configuration file with mistakes: a line each, with file, line and column.</summary>
internal sealed class ConfigurationException(string file, int count, string more, IReadOnlyList<string> mistakes)
    : Exception($"{count} {(count == 1 ? "mistake" : "mistakes")} in {file}; nothing was started.{more}")
{
    /// <summary>FILE:LINE:COLUMN: what is wrong.</summary>
    public IReadOnlyList<string> Mistakes => mistakes;
}
