using System.Runtime.CompilerServices;

namespace EdgeConv.Runtime.Format;

/// <summary>CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), by the processor's instruction where it has one.</summary>
public static class Crc32C
{
    /// <summary>Checksum of the bytes; pass the previous result to go on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]   // at its best from the first call on: a file is checked once
    public static uint Compute(ReadOnlySpan<byte> bytes, uint previous = 0)
    {
        uint crc = ~previous;
        int i = 0;
        for (; i + 8 <= bytes.Length; i += 8)
        {
            crc = System.Numerics.BitOperations.Crc32C(crc, System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes[i..]));
        }

        for (; i < bytes.Length; i++)
        {
            crc = System.Numerics.BitOperations.Crc32C(crc, bytes[i]);
        }

        return ~crc;
    }
}
