using System.Globalization;
using System.Text;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>The text of a C# file as it grows.</summary>
internal sealed class NanoText
{
    private const int Column = 120;
    private readonly StringBuilder _text = new();

    /// <summary>Lines as they are, moved to the right, and a line end.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="depth">Steps of four columns.</param>
    public NanoText Add(string lines, int depth = 0)
    {
        foreach (string line in lines.Split('\n'))
        {
            _text.Append(' ', line.Length > 0 ? depth * 4 : 0).Append(line).Append('\n');
        }

        return this;
    }

    /// <summary>A static table, filled to the width of a page.</summary>
    public NanoText Table<T>(string type, string name, IReadOnlyCollection<T> values)
        where T : IFormattable =>
        Add($"private static readonly {type}[] {name} = new {type}[]\n{{\n{Filled(values.Select(v => Literal(v)), "    ")}\n}};\n", 2);

    /// <summary>Numbers with commas, several a line.</summary>
    public static string Filled(IEnumerable<string> numbers, string indent)
    {
        StringBuilder text = new(indent);
        int column = indent.Length;
        foreach (string number in numbers)
        {
            if (column + number.Length + 2 > Column)
            {
                text.Append('\n').Append(indent);
                column = indent.Length;
            }

            text.Append(column > indent.Length ? " " : "").Append(number).Append(',');
            column += number.Length + 2;
        }

        return text.ToString();
    }

    /// <summary>An int64 as C# has it in an expression.</summary>
    public static string Number(long value) => value switch
    {
        long.MinValue => "long.MinValue",
        < 0 => string.Create(CultureInfo.InvariantCulture, $"({value}L)"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}L"),
    };

    /// <summary>An int32 as C# has it in an expression.</summary>
    public static string Number(int value) => value < 0 ? string.Create(CultureInfo.InvariantCulture, $"({value})") : value.ToString(CultureInfo.InvariantCulture);

    /// <summary>x plus a number.</summary>
    public static string Plus(string x, int number) => number switch
    {
        0 => x,
        < 0 => string.Create(CultureInfo.InvariantCulture, $"{x} - {-(long)number}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{x} + {number}"),
    };

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private static string Literal<T>(T value) where T : IFormattable => value is uint word
        ? string.Create(CultureInfo.InvariantCulture, $"0x{word:X8}u")
        : value.ToString(null, CultureInfo.InvariantCulture);
}
