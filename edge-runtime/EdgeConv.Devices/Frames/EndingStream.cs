namespace EdgeConv.Devices.Frames;

/// <summary>
/// A file in memory whose end is an end: the decoder of pictures reads zeros behind it, and of some cut files it does so for ever.
/// </summary>
internal sealed class EndingStream(byte[] bytes, int offset, int count) : MemoryStream(bytes, offset, count, writable: false)
{
    // What a picture that lacks only its last rows may still ask for.
    private const int MostBehindTheEnd = 1 << 24;

    private int _behind;

    /// <inheritdoc/>
    public override int ReadByte()
    {
        int value = base.ReadByte();
        if (value < 0 && ++_behind > MostBehindTheEnd)
        {
            throw new EndOfStreamException("the file is cut short");
        }

        return value;
    }
}
