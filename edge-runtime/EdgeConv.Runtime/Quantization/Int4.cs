using System.Runtime.InteropServices;

namespace EdgeConv.Runtime.Quantization;

/// <summary>Four-bit weights: two a byte, the first in the low half, -8 to 7.</summary>
public static class Int4
{
    /// <summary>One sbyte a weight.</summary>
    public static void Unpack(ReadOnlySpan<byte> packed, Span<sbyte> weights)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            int shift = (i & 1) == 0 ? 4 : 0;   // the half's own sign bit to the top, and down again
            weights[i] = (sbyte)((sbyte)(packed[i / 2] << shift) >> 4);
        }
    }

    /// <summary>Two weights a byte; an odd last one leaves the high half 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A weight is not in -8 to 7.</exception>
    public static byte[] Pack(ReadOnlySpan<sbyte> weights)
    {
        byte[] packed = new byte[(weights.Length + 1) / 2];
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] is < -8 or > 7)
            {
                throw new ArgumentOutOfRangeException(nameof(weights), weights[i], $"weight {i} does not fit four bits");
            }

            packed[i / 2] |= (byte)((weights[i] & 15) << (i % 2 * 4));
        }

        return packed;
    }

    /// <summary>A weight tensor as sbytes: itself where it is int8, a copy where it is int4.</summary>
    internal static ReadOnlySpan<sbyte> Unpack(ReadOnlySpan<byte> bytes, TensorInfo info)
    {
        if (info.Type != ElementType.Int4)
        {
            return MemoryMarshal.Cast<byte, sbyte>(bytes);
        }

        sbyte[] weights = new sbyte[info.Length];
        Unpack(bytes, weights);
        return weights;
    }
}
