using System.Buffers.Binary;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Cameras;

/// <summary>
/// Frames of motion JPEG. Many USB cameras leave the Huffman tables out, since all of them use those that the standard prints as typical
/// (ITU-T T.81, tables K.3 to K.6): a decoder for files wants them in their place.
/// </summary>
internal static class MotionJpeg
{
    // Each 64 pixels take two codes at least, of a bit at least: a larger picture than that is a damaged size, and would take long to decode.
    private const long PixelsAByte = 64 * 8 / 2;

    private const int StartOfScan = 0xDA;
    private const int HuffmanTables = 0xC4;

    // Class and number of a table, how many codes of each length from 1 to 16 bits there are, and the values in the order of the codes.
    private static readonly byte[] _tables = Segment(
        [0x00, 0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, .. Range(12)],
        [0x01, 0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, .. Range(12)],
        [0x10, 0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D, .. Convert.FromHexString(
            "01020300041105122131410613516107227114328191A1082342B1C11552D1F02433627282090A161718191A25262728292A3435363738393A434445464748494A"
            + "535455565758595A636465666768696A737475767778797A838485868788898A92939495969798999AA2A3A4A5A6A7A8A9AAB2B3B4B5B6B7B8B9BAC2C3C4C5C6C7"
            + "C8C9CAD2D3D4D5D6D7D8D9DAE1E2E3E4E5E6E7E8E9EAF1F2F3F4F5F6F7F8F9FA")],
        [0x11, 0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77, .. Convert.FromHexString(
            "000102031104052131061241510761711322328108144291A1B1C109233352F0156272D10A162434E125F11718191A262728292A35363738393A43444546474849"
            + "4A535455565758595A636465666768696A737475767778797A82838485868788898A92939495969798999AA2A3A4A5A6A7A8A9AAB2B3B4B5B6B7B8B9BAC2C3C4C5"
            + "C6C7C8C9CAD2D3D4D5D6D7D8D9DAE2E3E4E5E6E7E8E9EAF2F3F4F5F6F7F8F9FA")]);

    /// <summary>Decodes a frame.</summary>
    /// <exception cref="FrameException">It is damaged.</exception>
    public static Picture Decode(FrameBuffer frame, string name) => PictureDecoder.Decode(Complete(frame), name, frame.Bytes.Length * PixelsAByte);

    /// <summary>The frame as a whole JPEG file: with Huffman tables, put in where there are none.</summary>
    private static ReadOnlyMemory<byte> Complete(FrameBuffer frame)
    {
        int scan = FindScanWithoutTables(frame.Bytes.Span);
        if (scan < 0)
        {
            return frame.Bytes;
        }

        int length = frame.Bytes.Length;
        byte[] whole = new byte[length + _tables.Length];
        frame.Bytes.Span[..scan].CopyTo(whole);
        _tables.CopyTo(whole.AsSpan(scan));
        frame.Bytes.Span[scan..].CopyTo(whole.AsSpan(scan + _tables.Length));
        return whole;
    }

    /// <summary>Where the scan begins of a JPEG that has no Huffman table before it; -1 for one that has, or that is damaged before.</summary>
    private static int FindScanWithoutTables(ReadOnlySpan<byte> jpeg)
    {
        for (int at = 2; at + 4 <= jpeg.Length && jpeg[at] == 0xFF;)
        {
            if (jpeg[at + 1] is HuffmanTables or StartOfScan)
            {
                return jpeg[at + 1] == StartOfScan ? at : -1;
            }

            at += jpeg[at + 1] == 0xFF ? 1 : 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 2)..]);
        }

        return -1;
    }

    private static byte[] Segment(params ReadOnlySpan<byte[]> tables)
    {
        byte[] segment = [0xFF, HuffmanTables, 0, 0];
        foreach (byte[] table in tables)
        {
            segment = [.. segment, .. table];
        }

        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), (ushort)(segment.Length - 2));
        return segment;
    }

    private static byte[] Range(byte count) => [.. Enumerable.Range(0, count).Select(i => (byte)i)];
}
