using Google.FlatBuffers;

namespace EdgeConv.Converters.TfLite.Schema;

/// <summary>The bytes of a FlatBuffer from an untrusted source, and a bound on what is made of them.</summary>
internal sealed class FlatFile
{
    // Vectors and tables of a FlatBuffer may share their bytes, so a small file can ask for much; an honest one asks for each byte about
    // once, decoded to a few times its size.
    private const int BudgetFactor = 16;
    private const int BudgetFloor = 1 << 20;

    private long _budget;

    public FlatFile(byte[] bytes, string name)
    {
        (Bytes, Name, Buffer) = (bytes, name, new ByteBuffer(bytes));
        _budget = ((long)bytes.Length * BudgetFactor) + BudgetFloor;
    }

    /// <summary>The whole file.</summary>
    public byte[] Bytes { get; }

    /// <summary>Its name, for messages.</summary>
    public string Name { get; }

    /// <summary>The library's view of it; every access is checked against its length.</summary>
    public ByteBuffer Buffer { get; }

    /// <summary>The table that the file starts with.</summary>
    public FlatTable Root() => new(this, Follow(0));

    /// <summary>Where an offset leads: forward and inside the file, so that no chain of offsets is a cycle.</summary>
    public int Follow(int at)
    {
        uint offset = ReadUInt32(at);
        long target = at + (long)offset;
        return offset >= sizeof(uint) && target <= Bytes.Length - sizeof(uint)
            ? (int)target
            : throw Damaged(at, $"found the offset {offset}, expected one that stays within its {Bytes.Length} bytes");
    }

    /// <summary>Four bytes.</summary>
    public uint ReadUInt32(int at) => at >= 0 && at <= Bytes.Length - sizeof(uint)
        ? Buffer.GetUint(at)
        : throw Damaged(at, "expected four more bytes");

    /// <summary>Takes note of memory that is about to be allocated for what the file says.</summary>
    public void Charge(long bytes)
    {
        _budget -= bytes;
        if (_budget < 0)
        {
            throw new TfLiteImportException($"{Name} describes far more than its {Bytes.Length} bytes hold (the same bytes many times over); "
                + "it is damaged. Copy or convert it again.");
        }
    }

    /// <summary>The exception for a place that is wrong.</summary>
    public TfLiteImportException Damaged(int at, string what, Exception? inner = null) =>
        new($"{Name} is damaged or cut off at byte {at}: {what}. Copy or convert it again.", inner);
}
