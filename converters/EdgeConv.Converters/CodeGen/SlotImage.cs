using System.Buffers.Binary;
using EdgeConv.Runtime.Format;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// An image of weights for one of two flash slots, alike for C and nanoFramework: a header that says whether it is whole, which version it is and
/// for which code it was made, and the tables of that code.
/// </summary>
public static class SlotImage
{
    /// <summary>Bytes before the first table.</summary>
    public const int HeaderBytes = 32;

    /// <summary>"ECWS", as a little-endian word.</summary>
    public const uint Magic = 0x53574345;

    /// <summary>Where the header's fields are; the checksum is over all from the version on.</summary>
    public const int LengthAt = 4, CrcAt = 8, VersionAt = 12, CodeAt = 16;

    /// <summary>The version of an image, whatever else is wrong with it; null for what does not begin as one.</summary>
    /// <param name="image">The file.</param>
    public static uint? VersionOf(ReadOnlySpan<byte> image) =>
        image.Length >= HeaderBytes && BinaryPrimitives.ReadUInt32LittleEndian(image) == Magic ? BinaryPrimitives.ReadUInt32LittleEndian(image[VersionAt..]) : null;

    /// <summary>The image.</summary>
    /// <param name="tables">What follows the header.</param>
    /// <param name="version">Of two whole slots the higher one is taken.</param>
    /// <param name="code">Identity of the code.</param>
    public static byte[] Write(byte[] tables, uint version, uint code)
    {
        byte[] image = [.. new byte[HeaderBytes], .. tables];
        Put(0, Magic);
        Put(LengthAt, (uint)image.Length);
        Put(VersionAt, version);
        Put(CodeAt, code);
        Put(CrcAt, Crc32C.Compute(image.AsSpan(VersionAt)));
        return image;

        void Put(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(at), value);
    }
}
