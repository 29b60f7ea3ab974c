namespace EdgeConv.Devices.Frames;

/// <summary>
/// A file in memory whose end is an end. The decoder of pictures reads zeros behind it: a cut file becomes a picture whose rest is grey or
/// black, and of some it never makes one. A picture for which it had to is cut short, of whatever format.
/// </summary>
internal sealed class EndingStream(byte[] bytes, int offset, int count) : MemoryStream(bytes, offset, count, writable: false)
{
    // The decoder is let finish a cut picture, since it frees its memory only then; more than this is one that it never finishes.
    private const int MostBehindTheEnd = 1 << 24;

    private int _behind;

    /// <summary>Whether more was asked for than there is.</summary>
    public bool IsCutShort => _behind > 0;

    /// <inheritdoc/>
    public override int ReadByte()
    {
        int value = base.ReadByte();
        if (value < 0)
        {
            CountBehindTheEnd();
        }

        return value;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        int read = base.Read(buffer, offset, count);
        if (read < count)
        {
            CountBehindTheEnd();
        }

        return read;
    }

    private void CountBehindTheEnd()
    {
        if (++_behind > MostBehindTheEnd)
        {
            throw new EndOfStreamException("the file is cut short");
        }
    }
}
