namespace EdgeConv.Runtime.Format;

/// <summary>The bytes are not a model that this runtime can run.</summary>
public sealed class ModelFormatException : Exception
{
    /// <summary>Names the place and what is wrong there.</summary>
    public ModelFormatException(long byteOffset, string field, string message)
        : base($"{message} (field {field} at byte {byteOffset})")
    {
        ByteOffset = byteOffset;
        Field = field;
    }

    /// <summary>Where in the file the field begins.</summary>
    public long ByteOffset { get; }

    /// <summary>The field as FORMAT.md names it.</summary>
    public string Field { get; }
}
