namespace EdgeConv.Runtime.Format;

/// <summary>A field's name in FORMAT.md's spelling, put together only when a message needs it: most names never are.</summary>
internal readonly struct FieldName(string section, int index = -1, string? part = null)
{
    /// <summary>A section or a field of the header.</summary>
    public static implicit operator FieldName(string name) => new(name);

    /// <summary>A field of a record.</summary>
    public static FieldName operator +(FieldName record, string part) => new(record._section, record._index, part);

    private readonly string _section = section;
    private readonly int _index = index;
    private readonly string? _part = part;

    /// <summary>tensors[3].scale.</summary>
    public override string ToString() => _index < 0 ? _section + _part : $"{_section}[{_index}]{_part}";
}
