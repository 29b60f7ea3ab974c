using System.Globalization;
using System.Text;

namespace EdgeConv.Converters.CodeGen;

/// <summary>The text of a C file as it grows.</summary>
/// <param name="weights">Gets the tables instead of the text, or null.</param>
internal sealed class CText(CWeights? weights = null)
{
    private const int Column = 120;
    private readonly StringBuilder _text = new();

    /// <summary>Lines as they are, and a line end.</summary>
    public CText Add(string lines)
    {
        _text.Append(lines).Append('\n');
        return this;
    }

    /// <summary>A table of constants, filled to the width of a page.</summary>
    /// <param name="type">int8_t, int32_t...</param>
    /// <param name="name">Its name.</param>
    /// <param name="values">Integers that fit the type.</param>
    public CText Table<T>(string type, string name, IReadOnlyCollection<T> values)
        where T : IFormattable
    {
        if (weights is not null)
        {
            return Add(weights.Add(type, name, values.Select(value => value.ToString(null, CultureInfo.InvariantCulture))));
        }

        _text.Append(CultureInfo.InvariantCulture, $"static const {type} {name}[{values.Count}] = {{");
        int column = Column;
        foreach (T value in values)
        {
            string number = Number(value);
            if (column + number.Length + 2 > Column)
            {
                _text.Append("\n   ");
                column = 3;
            }

            _text.Append(' ').Append(number).Append(',');
            column += number.Length + 2;
        }

        _text.Append("\n};\n");
        return this;
    }

    /// <summary>Lines moved to the right.</summary>
    public static string Indent(string lines, string indent) => indent + lines.Replace("\n", "\n" + indent, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    // The lowest int32 is no literal in C: its digits are read before its sign, and do not fit.
    private static string Number<T>(T value) where T : IFormattable => value switch
    {
        int.MinValue => "(-2147483647 - 1)",
        uint word => string.Create(CultureInfo.InvariantCulture, $"0x{word:X8}u"),
        _ => value.ToString(null, CultureInfo.InvariantCulture),
    };
}
