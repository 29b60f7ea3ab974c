using System.Buffers.Binary;

namespace EdgeConv.Devices.Frames;

/// <summary>The markers of a JPEG file (ITU-T T.81, annex B), as far as they say whether all of it is there.</summary>
internal static class JpegMarkers
{
    private const byte Prefix = 0xFF, Stuffed = 0x00, Temporary = 0x01, FirstRestart = 0xD0, StartOfImage = 0xD8, EndOfImage = 0xD9, StartOfScan = 0xDA;

    /// <summary>Whether the bytes begin like a JPEG.</summary>
    public static bool Begins(ReadOnlySpan<byte> file) => file is [Prefix, StartOfImage, ..];

    /// <summary>
    /// Whether the end of the image comes behind a scan. Segments are skipped by their lengths, as one may hold a thumbnail with an end of its
    /// own; what follows the end is of no interest. The decoder itself makes a picture of what comes before a cut, without a word.
    /// </summary>
    public static bool HasEnd(ReadOnlySpan<byte> file)
    {
        bool hasScan = false;
        for (ReadOnlySpan<byte> rest = file; rest.IndexOf(Prefix) is >= 0 and int at && at + 1 < rest.Length;)
        {
            byte marker = rest[at + 1];
            rest = rest[(at + (marker == Prefix ? 1 : 2))..];
            if (marker == EndOfImage)
            {
                return hasScan;
            }

            if (marker is Prefix or Stuffed or Temporary or (>= FirstRestart and <= StartOfImage))
            {
                continue;
            }

            int length = rest.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(rest);
            if (length < 2 || length > rest.Length)
            {
                return false;
            }

            hasScan |= marker == StartOfScan;
            rest = rest[length..];
        }

        return false;
    }
}
