using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters.Data;

/// <summary>
/// A text file with a picture a line: path, label, and perhaps train or test; separated by commas, semicolons or tabs, fields in quotes where
/// they hold one. Paths are relative to the file. A first line of column names (path, label, split in any order) is recognised. Without a
/// column of splits a fifth of each class, chosen by the seed, is for testing.
/// </summary>
public sealed class CsvDataSet : IDataSet
{
    private static readonly string[] _pathNames = ["path", "file", "filename", "image", "picture"], _labelNames = ["label", "class"];
    private readonly string _folder;
    private readonly (string File, int Label)[] _pictures;

    private readonly record struct Columns(int Path, int Label, int Split);

    /// <summary>Lists the pictures; decodes none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="split">Which part.</param>
    /// <param name="seed">Chooses the test pictures where no column does.</param>
    /// <exception cref="DataSetException">A line is not what it should be; the message says which.</exception>
    public CsvDataSet(string path, Split split, int seed = 1)
    {
        Name = path;
        _folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        List<(int Number, string[] Fields)> rows = Read(path);
        Columns columns = new(0, 1, rows.Count > 0 && rows[0].Fields.Length > 2 ? 2 : -1);
        if (rows.Count > 0 && Header(rows[0].Fields) is { } named)
        {
            columns = named;
            rows.RemoveAt(0);
        }
        if (rows.Count == 0) throw new DataSetException($"{path} names no pictures. A line each is expected: path,label or path,label,train|test.");

        (string File, string Label, Split? Split)[] pictures = [.. rows.Select(row => Picture(path, row, columns))];
        Classes = [.. pictures.Select(p => p.Label).Distinct().Order(StringComparer.Ordinal)];
        var labels = Classes.Select((name, i) => (name, i)).ToDictionary(c => c.name, c => c.i, StringComparer.Ordinal);
        var labelled = pictures.Where(p => p.Split == null || p.Split == split).Select(p => (p.File, labels[p.Label]));
        _pictures = [.. columns.Split >= 0 ? labelled : StratifiedSplit.Choose(labelled, split, seed)];
        if (_pictures.Length == 0)
        {
            string purpose = split == Split.Test ? "testing" : "training";
            throw new DataSetException($"{path} has no pictures for {purpose}. Add some, or leave the column of splits out.");
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes { get; }

    /// <inheritdoc/>
    public int Count => _pictures.Length;

    /// <inheritdoc/>
    public int Label(int index) => _pictures[index].Label;

    /// <inheritdoc/>
    public Picture Load(int index) => PictureFile.Load(Path.Combine(_folder, _pictures[index].File));

    private static (string File, string Label, Split? Split) Picture(string path, (int Number, string[] Fields) row, Columns columns)
    {
        if (row.Fields.Length <= Math.Max(columns.Path, Math.Max(columns.Label, columns.Split)))
        {
            throw new DataSetException(
                $"{path}, line {row.Number} has {row.Fields.Length} columns: '{string.Join(',', row.Fields)}'. "
                + $"{(columns.Split < 0 ? "path,label" : "path,label,train|test")} is expected.");
        }
        (string file, string label) = (row.Fields[columns.Path], row.Fields[columns.Label]);
        if (file.Length == 0 || label.Length == 0) throw new DataSetException($"{path}, line {row.Number}: path or label is empty.");
        return (file, label, columns.Split < 0 ? null : Part(path, row.Number, row.Fields[columns.Split]));
    }

    private static Split Part(string path, int line, string text) => text.ToLowerInvariant() switch
    {
        "train" => Split.Train,
        "test" => Split.Test,
        _ => throw new DataSetException($"{path}, line {line}: the part is '{text}'; train or test is expected."),
    };

    private static Columns? Header(string[] fields)
    {
        string[] names = [.. fields.Select(f => f.ToLowerInvariant())];
        int path = Array.FindIndex(names, _pathNames.Contains), label = Array.FindIndex(names, _labelNames.Contains);
        return path < 0 || label < 0 ? null : new Columns(path, label, Array.IndexOf(names, "split"));
    }

    private static List<(int, string[])> Read(string path)
    {
        try
        {
            string[] lines = File.ReadAllLines(path);
            char separator = new[] { '\t', ';' }.FirstOrDefault(c => lines.Length > 0 && lines[0].Contains(c), ',');
            return [.. lines.Select((line, i) => (i + 1, line)).Where(l => l.line.Trim().Length > 0 && l.line[0] != '#')
                .Select(l => (l.Item1, Fields(l.line, separator, $"{path}, line {l.Item1}")))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataSetException($"{path} cannot be read: {e.Message}", e);
        }
    }

    // RFC 4180, but for line breaks within quotes.
    private static string[] Fields(string line, char separator, string place)
    {
        var fields = new List<string>();
        for (int at = 0; at <= line.Length;)
        {
            if (at < line.Length && line[at] == '"')
            {
                var text = new System.Text.StringBuilder();
                for (at++; ; at++)
                {
                    if (at >= line.Length) throw new DataSetException($"{place}: a quote is not closed.");
                    if (line[at] == '"' && (at + 1 >= line.Length || line[at + 1] != '"')) break;
                    if (line[at] == '"') at++;
                    text.Append(line[at]);
                }
                fields.Add(text.ToString());
                at = line.IndexOf(separator, at) is >= 0 and var next ? next + 1 : line.Length + 1;
            }
            else
            {
                int end = line.IndexOf(separator, at) is >= 0 and var next ? next : line.Length;
                fields.Add(line[at..end].Trim());
                at = end + 1;
            }
        }
        return [.. fields];
    }
}
