using System.Runtime.CompilerServices;

namespace EdgeConv.Runtime.Format;

/// <summary>
/// An interpolated message that is put together only when the condition beside it does not hold. A model has thousands of fields, each
/// with a message that nobody will read.
/// </summary>
[InterpolatedStringHandler]
internal ref struct Complaint
{
    private DefaultInterpolatedStringHandler _text;

    /// <summary>What the compiler calls.</summary>
    public Complaint(int literalLength, int formattedCount, bool condition, out bool isNeeded)
    {
        isNeeded = !condition;
        _text = isNeeded ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
    }

    /// <summary>Adds text.</summary>
    public void AppendLiteral(string text) => _text.AppendLiteral(text);

    /// <summary>Adds a value.</summary>
    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    /// <summary>The message.</summary>
    public string Text() => _text.ToStringAndClear();
}
