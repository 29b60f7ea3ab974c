using System.Globalization;

namespace EdgeConv.Agent.Configuring;

/// <summary>A value of a TOML file: string, long, double, bool, a list of values, or a table; a date, which nothing here takes.</summary>
internal sealed record TomlValue(Place Place, object Content);

/// <summary>
/// A table of a TOML file. Its readers give a key's value, or what holds without it, and note what is wrong; whoever has read all that a table
/// may have calls <see cref="RefuseOthers"/>.
/// </summary>
internal sealed class TomlTable(string name, Place place, Mistakes mistakes)
{
    private readonly Dictionary<string, (Place Key, TomlValue? Value)> _entries = new(StringComparer.Ordinal);
    private readonly List<string> _known = [];

    /// <summary>Where the table begins.</summary>
    public Place Place => place;

    /// <summary>Where all that is wrong is collected.</summary>
    public Mistakes Mistakes => mistakes;

    /// <summary>Whether the file has that key.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>Where a key stands, or the table where it has none.</summary>
    public Place PlaceOf(string key) => _entries.TryGetValue(key, out (Place Key, TomlValue? Value) entry) ? entry.Value?.Place ?? entry.Key : place;

    /// <summary>Notes what is wrong with a key's value.</summary>
    public void Mistake(string key, string message) => mistakes.Add(PlaceOf(key), $"{key}: {message}");

    /// <summary>A key's value as it stands, or null.</summary>
    public TomlValue? Find(string key)
    {
        if (!_known.Contains(key))
        {
            _known.Add(key);
        }

        return _entries.GetValueOrDefault(key).Value;
    }

    /// <summary>A text, or null.</summary>
    public string? Text(string key) => Find(key) is not { } value ? null
        : value.Content is string text && text.Length > 0 ? text : Wrong<string?>(key, value, "a text in quotes, not empty", null);

    /// <summary>true or false.</summary>
    public bool Flag(string key, bool otherwise = false) => Find(key) is not { } value ? otherwise
        : value.Content is bool flag ? flag : Wrong(key, value, "true or false", otherwise);

    /// <summary>A whole number in a range.</summary>
    public int? Whole(string key, int least, int most) => Find(key) is not { } value ? null
        : value.Content is long whole && whole >= least && whole <= most ? (int)whole
        : Wrong<int?>(key, value, $"a whole number from {least} to {most}", null);

    /// <summary>A number in a range.</summary>
    public double? Number(string key, double least, double most)
    {
        if (Find(key) is not { } value)
        {
            return null;
        }

        double? number = value.Content switch { long whole => whole, double real => real, _ => null };
        return number >= least && number <= most ? number
            : Wrong<double?>(key, value, string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"), null);
    }

    /// <summary>A time with its unit, such as "500 ms", "2 s", "5 min" or "1 h".</summary>
    public TimeSpan? Time(string key) => Find(key) is not { } value ? null
        : value.Content is string text && Duration(text) is { } time ? time
        : Wrong<TimeSpan?>(key, value, "a time with its unit, such as \"500 ms\", \"2 s\", \"5 min\" or \"1 h\"", null);

    /// <summary>A time as <see cref="Time"/> reads it, and not none: for limits, which nothing would keep.</summary>
    public TimeSpan? TimeAboveZero(string key) => Time(key) is not { } time ? null
        : time > TimeSpan.Zero ? time : Wrong<TimeSpan?>(key, Find(key)!, "a time above 0", null);

    /// <summary>A list of texts, not empty; one text is a list of one where that is said.</summary>
    public IReadOnlyList<(string Text, Place Place)>? Words(string key, bool oneAlone)
    {
        switch (Find(key))
        {
            case null:
                return null;
            case { Content: string text } value when oneAlone:
                return [(text, value.Place)];
            case { Content: List<TomlValue> { Count: > 0 } list } when list.All(item => item.Content is string):
                return [.. list.Select(item => ((string)item.Content, item.Place))];
            case { } value:
                return Wrong<IReadOnlyList<(string, Place)>?>(key, value, (oneAlone ? "a text in quotes, or " : "") + "a list such as [\"one\", \"two\"]", null);
        }
    }

    /// <summary>A table, or null.</summary>
    public TomlTable? Table(string key) => Find(key) is not { } value ? null
        : value.Content as TomlTable ?? Wrong<TomlTable?>(key, value, $"a table, such as [{key}]", null);

    /// <summary>The tables that [[key]] begins.</summary>
    public IReadOnlyList<TomlTable> Tables(string key) => Find(key) is not { } value ? []
        : value.Content is List<TomlValue> list && list.All(item => item.Content is TomlTable) ? [.. list.Select(item => (TomlTable)item.Content)]
        : Wrong<IReadOnlyList<TomlTable>>(key, value, $"tables, each of which begins with [[{key}]]", []);

    /// <summary>All texts of a table by their names: for what is not known here, such as headers.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Texts()
    {
        List<KeyValuePair<string, string>> texts = [];
        foreach (string key in _entries.Keys)
        {
            if (Text(key) is { } text)
            {
                texts.Add(new(key, text));
            }
        }

        return texts;
    }

    /// <summary>The short form of a table that mostly has one key: the value alone stands for that key's.</summary>
    public TomlTable? TableOr(string key, string only)
    {
        if (Find(key) is not { } value)
        {
            return null;
        }

        if (value.Content is TomlTable table)
        {
            return table;
        }

        TomlTable alone = Beside(key, value.Place);
        alone.Add(only, value.Place, value);
        return alone;
    }

    /// <summary>Notes that a key is missing, where it is; one that is there and wrong was noted by its reader.</summary>
    public void Need(string key)
    {
        if (!Has(key))
        {
            mistakes.Add(place, $"{name} lacks '{key}'.");
        }
    }

    /// <summary>Every key that was not asked for is a mistake.</summary>
    public void RefuseOthers()
    {
        foreach ((string key, (Place at, _)) in _entries.Where(entry => !_known.Contains(entry.Key)))
        {
            mistakes.Add(at, $"{name} has no key '{key}'; {Mistakes.Suggest(key, _known)}");
        }
    }

    internal void Add(string key, Place at, TomlValue? value)
    {
        if (!_entries.TryAdd(key, (at, value)))
        {
            mistakes.Add(at, $"'{key}' is there twice.");
        }
    }

    internal TomlTable Enter(string key, Place at)
    {
        if (_entries.TryGetValue(key, out (Place Key, TomlValue? Value) entry))
        {
            return entry.Value?.Content switch
            {
                TomlTable table => table,
                List<TomlValue> list when list.LastOrDefault()?.Content is TomlTable last => last,
                _ => Beside(key, at),
            };
        }

        TomlTable added = Beside(key, at);
        _entries.Add(key, (at, new TomlValue(at, added)));
        return added;
    }

    internal TomlTable Append(string key, Place at)
    {
        TomlTable added = Beside(key, at);
        if (!_entries.TryGetValue(key, out (Place Key, TomlValue? Value) entry))
        {
            _entries.Add(key, (at, new TomlValue(at, new List<TomlValue> { new(at, added) })));
        }
        else if (entry.Value?.Content is List<TomlValue> list)
        {
            list.Add(new TomlValue(at, added));
        }

        return added;
    }

    internal TomlTable Beside(string key, Place at) => new($"'{key}'", at, mistakes);

    private static TimeSpan? Duration(string text)
    {
        string number = text.TrimEnd("abcdefghijklmnopqrstuvwxyz".ToCharArray());
        double? unit = text[number.Length..] switch { "ms" => 1, "s" => 1000, "min" => 60_000, "h" => 3_600_000, _ => null };
        return unit is { } milliseconds
            && double.TryParse(number.TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value <= 1e6
            ? TimeSpan.FromMilliseconds(value * milliseconds) : null;
    }

    private T Wrong<T>(string key, TomlValue value, string expected, T otherwise)
    {
        string found = value.Content switch
        {
            string text => $"\"{text}\"",
            bool flag => flag ? "true" : "false",
            IFormattable number and (long or double) => number.ToString(null, CultureInfo.InvariantCulture),
            List<TomlValue> => "a list",
            TomlTable => "a table",
            _ => "a date",
        };
        mistakes.Add(value.Place, $"{key}: found {found}, expected {expected}.");
        return otherwise;
    }
}
