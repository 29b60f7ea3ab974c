using System.Globalization;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>
/// All that a training changes, for one of two flash slots: numbers, tables, then the bytes that layers read a piece at a time. What is where
/// follows from the shape of the network, so that code fits the weights of every training.
/// </summary>
internal sealed class NanoSlot : NanoBlob
{
    private readonly List<int> _numbers = [];
    private readonly List<sbyte[]> _bytes = [];
    private readonly List<int[]> _words = [];

    /// <summary>How many numbers come first.</summary>
    public int Numbers => _numbers.Count;

    /// <summary>Lengths of the tables of bytes, as C# has an array.</summary>
    public string ByteTables => Lengths(_bytes.Select(table => table.Length));

    /// <summary>Lengths of the tables of int32.</summary>
    public string WordTables => Lengths(_words.Select(table => table.Length));

    /// <summary>Puts numbers there, one behind the other, and gives the index of the first.</summary>
    public int AddNumbers(params ReadOnlySpan<int> values)
    {
        int first = _numbers.Count;
        _numbers.AddRange(values);
        return first;
    }

    /// <inheritdoc/>
    public override string Number(int value) => string.Create(CultureInfo.InvariantCulture, $"w.Numbers[{AddNumbers(value)}]");

    /// <inheritdoc/>
    public override string Table(NanoText text, bool isWide, string name, IReadOnlyCollection<int> values)
    {
        if (isWide)
        {
            _words.Add([.. values]);
            return string.Create(CultureInfo.InvariantCulture, $"w.Words[{_words.Count - 1}]");
        }

        _bytes.Add([.. values.Select(value => (sbyte)value)]);
        return string.Create(CultureInfo.InvariantCulture, $"w.Bytes[{_bytes.Count - 1}]");
    }

    /// <summary>The image.</summary>
    /// <param name="version">Of two whole slots the higher one is taken.</param>
    /// <param name="code">Identity of the code that it fits.</param>
    public byte[] ToImage(uint version, uint code)
    {
        NanoBlob tables = new();
        _numbers.ForEach(number => tables.Add(number));
        _bytes.ForEach(table => Array.ForEach(table, value => tables.Add(unchecked((byte)value))));
        _words.ForEach(table => Array.ForEach(table, value => tables.Add(value)));
        return SlotImage.Write([.. tables.ToArray(), .. ToArray()], version, code);
    }

    private static string Lengths(IEnumerable<int> lengths) =>
        lengths.ToArray() is { Length: > 0 } all ? $"new int[] {{ {string.Join(", ", all)} }}" : "new int[0]";
}
