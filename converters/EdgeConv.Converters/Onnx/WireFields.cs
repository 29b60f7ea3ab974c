namespace EdgeConv.Converters.Onnx;

/// <summary>Steps over the fields of a protobuf message without making anything of them.</summary>
/// <param name="message">The message's bytes.</param>
internal ref struct WireFields(ReadOnlySpan<byte> message)
{
    private const int Varint = 0, Fixed64 = 1, Fixed32 = 5;

    /// <summary>Wire type of what has a length in front.</summary>
    public const int LengthDelimited = 2;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _next;

    /// <summary>Where the field begins, with its tag.</summary>
    public int Start { get; private set; }

    /// <summary>Number in the schema.</summary>
    public int Number { get; private set; }

    /// <summary>How it is written.</summary>
    public int Type { get; private set; }

    /// <summary>Where its value begins, behind the length where it has one.</summary>
    public int ValueStart { get; private set; }

    /// <summary>Where it ends.</summary>
    public readonly int End => _next;

    /// <summary>Length of its value.</summary>
    public readonly int ValueLength => _next - ValueStart;

    /// <summary>Steps to the next field.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="FormatException">The bytes are no message.</exception>
    public bool Next()
    {
        if (_next == _message.Length)
        {
            return false;
        }

        Start = _next;
        ulong tag = ReadVarint();
        (Number, Type) = ((int)Math.Min(tag >> 3, int.MaxValue), (int)(tag & 7));
        if (Number == 0)
        {
            throw new FormatException("a field has the number 0");
        }

        ulong length;
        switch (Type)
        {
            case Varint:
                ValueStart = _next;
                ReadVarint();
                return true;
            case Fixed64:
                length = 8;
                break;
            case Fixed32:
                length = 4;
                break;
            case LengthDelimited:
                length = ReadVarint();
                break;
            default:
                throw new FormatException($"a field has the wire type {Type}");
        }

        ValueStart = _next;
        _next = length <= (ulong)(_message.Length - _next) ? _next + (int)length : throw new FormatException("a field ends beyond its message");
        return true;
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if (_next == _message.Length)
            {
                break;
            }

            byte b = _message[_next++];
            value |= (ulong)(b & 127) << shift;
            if (b < 128)
            {
                return value;
            }
        }

        throw new FormatException("a number does not end");
    }
}
