using System.Globalization;

namespace EdgeConv.Converters.Networks;

/// <summary>The words of one line of a network file, with their columns. Everything behind # is a comment.</summary>
internal sealed class LineReader
{
    private readonly List<(string Text, int Column)> _words = [];
    private readonly string _path;
    private readonly int _line;
    private int _next;

    public LineReader(string content, string path, int line)
    {
        (_path, _line) = (path, line);
        int comment = content.IndexOf('#', StringComparison.Ordinal);
        string text = comment < 0 ? content : content[..comment];
        for (int i = 0; i < text.Length;)
        {
            int start = i;
            while (i < text.Length && !char.IsWhiteSpace(text[i])) i++;
            if (i > start) _words.Add((text[start..i], start + 1));
            else i++;
        }
    }

    /// <summary>No word is left.</summary>
    public bool AtEnd => _next >= _words.Count;

    /// <summary>file(line,column) of the line's first word.</summary>
    public string Place => At(0);

    /// <summary>The next word, which stays.</summary>
    public string? Peek() => AtEnd ? null : _words[_next].Text;

    /// <summary>Takes the next word.</summary>
    public string Word(string expected) => AtEnd ? throw Error($"{expected} is missing") : _words[_next++].Text;

    /// <summary>Takes the next word if it is this one.</summary>
    public bool Take(string word)
    {
        if (Peek() != word) return false;
        _next++;
        return true;
    }

    /// <summary>Takes a whole number.</summary>
    public int Integer(string what, int least, int most)
    {
        string word = Word(what);
        return int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw ErrorAtLast($"{what} is '{word}'; a whole number from {least} to {most} is expected");
    }

    /// <summary>Takes a number.</summary>
    public float Number(string what, float least, float most)
    {
        string word = Word(what);
        return float.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) && number >= least && number <= most
            ? number
            : throw ErrorAtLast(string.Create(CultureInfo.InvariantCulture, $"{what} is '{word}'; a number from {least} to {most} is expected"));
    }

    /// <summary>Takes 3x3.</summary>
    public int Kernel()
    {
        string word = Word("the size of the window, such as 3x3");
        string[] sides = word.Split('x');
        return sides.Length == 2 && sides[0] == sides[1] && int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out int side)
            && side is >= 1 and <= 255
            ? side
            : throw ErrorAtLast($"'{word}' is no window; 3x3 or another square from 1x1 to 255x255 is expected");
    }

    /// <exception cref="NetworkException">A word is left.</exception>
    public void End()
    {
        if (!AtEnd) throw Error($"'{Peek()}' is not expected here");
    }

    /// <summary>An error at the next word, or behind the last.</summary>
    public NetworkException Error(string message) => new($"{At(_next)}: {message}.");

    /// <summary>An error at the word that was taken last.</summary>
    public NetworkException ErrorAtLast(string message) => new($"{At(_next - 1)}: {message}.");

    private string At(int word)
    {
        int column = word < _words.Count ? _words[word].Column : _words.Count == 0 ? 1 : _words[^1].Column + _words[^1].Text.Length;
        return $"{_path}({_line},{column})";
    }
}
