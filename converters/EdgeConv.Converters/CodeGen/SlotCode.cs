using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using EdgeConv.Runtime.Format;

namespace EdgeConv.Converters.CodeGen;

/// <summary>Code that finds its tables in a slot: what decides which tables fit it.</summary>
public sealed partial class SlotCode
{
    /// <summary>Stands in the code for its identity until that is known.</summary>
    internal const string Place = "EDGECONV_CODE_IDENTITY";

    private readonly IReadOnlyList<CodeFile> _files, _all;

    /// <param name="files">The files, one of them with <see cref="Place"/> in it.</param>
    /// <param name="library">What these call, the same for every model: it reads the tables too, so that another one may read them otherwise.</param>
    internal SlotCode(IReadOnlyList<CodeFile> files, IEnumerable<CodeFile> library)
    {
        (_files, _all) = (files, [.. files, .. library]);
        Identity = _all.Aggregate(0u, (crc, file) => Crc32C.Compute(Encoding.UTF8.GetBytes(file.Text), crc));
    }

    /// <summary>What images of weights for it have in their headers.</summary>
    public uint Identity { get; }

    /// <summary>The files with the identity in them.</summary>
    internal IEnumerable<CodeFile> Files => _files.Select(file =>
        file with { Text = file.Text.Replace(Place, string.Create(CultureInfo.InvariantCulture, $"0x{Identity:X8}u"), StringComparison.Ordinal) });

    /// <summary>The first difference to code that was exported before, its identity last; null where the same tables fit both.</summary>
    /// <param name="read">The text of one of its files by the path here, or null where there is none.</param>
    public string? Difference(Func<string, string?> read) => _all.Concat(Files).Select(file => Difference(file, read(file.Path))).FirstOrDefault(difference => difference is not null);

    private static string? Difference(CodeFile file, string? text)
    {
        if (text is null)
        {
            return $"{file.Path} is not there";
        }

        string[] there = text.ReplaceLineEndings("\n").Split('\n'), here = file.Text.Split('\n');
        int at = Enumerable.Range(0, Math.Max(there.Length, here.Length)).FirstOrDefault(i => !IsSame(Line(there, i), Line(here, i)), -1);
        if (at < 0)
        {
            return null;
        }

        string layer = here.Take(at + 1).Select(line => Heading().Match(line)).LastOrDefault(match => match.Success) is { } heading ? $" ({heading.Groups[1].Value})" : "";
        return $"line {at + 1} of {file.Path}{layer} is `{Line(there, at).Trim()}` there and `{Line(here, at).Trim()}` for this model";
    }

    private static string Line(string[] lines, int at) => at < lines.Length ? lines[at] : "";

    private static bool IsSame(string there, string here) => here.Split(Place) is [var before, var after]
        ? there.StartsWith(before, StringComparison.Ordinal) && there.EndsWith(after, StringComparison.Ordinal)
        : there == here;

    // What stands above a layer in generated C, and in generated C#.
    [GeneratedRegex(@"^(?:/\* [0-9]+\.|    //) ([^:,]+)[:,]")]
    private static partial Regex Heading();
}
