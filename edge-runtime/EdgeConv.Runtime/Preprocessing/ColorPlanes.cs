using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Preprocessing;

/// <summary>Colours of a row of pixels, sixteen at a time: plain loops end each row and say what the vectors do.</summary>
internal static class ColorPlanes
{
    private const int Lanes = 16;

    /// <summary>(77 R + 150 G + 29 B + 128) >> 8. No sum passes 65,408, so that 16 bits hold it.</summary>
    public static void ToGray(ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue, Span<byte> gray)
    {
        int x = 0;
        for (; x <= gray.Length - Lanes; x += Lanes)
        {
            (Vector128<ushort> redLow, Vector128<ushort> redHigh) = Vector128.Widen(Load(red, x));
            (Vector128<ushort> greenLow, Vector128<ushort> greenHigh) = Vector128.Widen(Load(green, x));
            (Vector128<ushort> blueLow, Vector128<ushort> blueHigh) = Vector128.Widen(Load(blue, x));
            Vector128.Narrow(Gray(redLow, greenLow, blueLow), Gray(redHigh, greenHigh, blueHigh)).CopyTo(gray[x..]);
        }

        for (; x < gray.Length; x++)
        {
            gray[x] = (byte)((77 * red[x] + 150 * green[x] + 29 * blue[x] + 128) >> 8);
        }
    }

    /// <summary>Three bytes a pixel to three planes.</summary>
    public static void Split3(ReadOnlySpan<byte> pixels, Span<byte> first, Span<byte> second, Span<byte> third)
    {
        int x = 0;
        for (; x <= first.Length - Lanes; x += Lanes)
        {
            Vector128<byte> a = Load(pixels, 3 * x), b = Load(pixels, 3 * x + Lanes), c = Load(pixels, 3 * x + 2 * Lanes);
            Pick(a, b, c, 0).CopyTo(first[x..]);
            Pick(a, b, c, 1).CopyTo(second[x..]);
            Pick(a, b, c, 2).CopyTo(third[x..]);
        }

        for (; x < first.Length; x++)
        {
            (first[x], second[x], third[x]) = (pixels[3 * x], pixels[3 * x + 1], pixels[3 * x + 2]);
        }
    }

    /// <summary>Four bytes a pixel to the planes of its first three.</summary>
    public static void Split4(ReadOnlySpan<byte> pixels, Span<byte> first, Span<byte> second, Span<byte> third)
    {
        for (int x = 0; x < first.Length; x++)
        {
            (first[x], second[x], third[x]) = (pixels[4 * x], pixels[4 * x + 1], pixels[4 * x + 2]);
        }
    }

    /// <summary>Two bytes a pixel to three planes; the high bits of a channel are repeated below them.</summary>
    /// <param name="pixels">From the row's first pixel on.</param>
    /// <param name="low">Which byte of a pixel is the low one: 0 or 1.</param>
    /// <param name="red">5 bits become 8.</param>
    /// <param name="green">6 bits become 8.</param>
    /// <param name="blue">5 bits become 8.</param>
    public static void Split565(ReadOnlySpan<byte> pixels, int low, Span<byte> red, Span<byte> green, Span<byte> blue)
    {
        for (int x = 0; x < red.Length; x++)
        {
            int pixel = pixels[2 * x + low] | pixels[2 * x + 1 - low] << 8;
            int r = pixel >> 11, g = pixel >> 5 & 63, b = pixel & 31;
            (red[x], green[x], blue[x]) = ((byte)(r << 3 | r >> 2), (byte)(g << 2 | g >> 4), (byte)(b << 3 | b >> 2));
        }
    }

    /// <summary>Y0 U Y1 V to a plane of Y and a row of U V pairs.</summary>
    public static void SplitYuyv(ReadOnlySpan<byte> pixels, Span<byte> luma, Span<byte> pairs)
    {
        int x = 0;
        for (; x <= luma.Length - Lanes; x += Lanes)
        {
            Vector128<ushort> a = Load(pixels, 2 * x).AsUInt16(), b = Load(pixels, 2 * x + Lanes).AsUInt16();
            Vector128<ushort> low = Vector128.Create((ushort)0xFF);
            Vector128.Narrow(a & low, b & low).CopyTo(luma[x..]);
            Vector128.Narrow(a >> 8, b >> 8).CopyTo(pairs[x..]);
        }

        for (; x < luma.Length; x++)
        {
            (luma[x], pairs[x]) = (pixels[2 * x], pixels[2 * x + 1]);
        }
    }

    /// <summary>U V pairs, one for two pixels, to a byte a pixel of each.</summary>
    public static void SpreadPairs(ReadOnlySpan<byte> pairs, Span<byte> u, Span<byte> v)
    {
        int x = 0;
        for (; x <= u.Length - Lanes; x += Lanes)
        {
            Vector128<byte> both = Load(pairs, x);
            Vector128.Shuffle(both, Vector128.Create((byte)0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10, 12, 12, 14, 14)).CopyTo(u[x..]);
            Vector128.Shuffle(both, Vector128.Create((byte)1, 1, 3, 3, 5, 5, 7, 7, 9, 9, 11, 11, 13, 13, 15, 15)).CopyTo(v[x..]);
        }

        for (; x < u.Length; x++)
        {
            (u[x], v[x]) = (pairs[x & ~1], pairs[x | 1]);
        }
    }

    /// <summary>A byte for two pixels to a byte a pixel.</summary>
    public static void Spread(ReadOnlySpan<byte> halved, Span<byte> full)
    {
        int x = 0;
        for (; x <= full.Length - 2 * Lanes; x += 2 * Lanes)
        {
            (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Load(halved, x / 2));
            (low | (low << 8)).AsByte().CopyTo(full[x..]);
            (high | (high << 8)).AsByte().CopyTo(full[(x + Lanes)..]);
        }

        for (; x < full.Length; x++)
        {
            full[x] = halved[x / 2];
        }
    }

    /// <summary>A byte of Y, U and V a pixel to red, green and blue, which may lie where Y, U and V do.</summary>
    public static void ToRgb(
        in YuvFactors factors, ReadOnlySpan<byte> luma, ReadOnlySpan<byte> u, ReadOnlySpan<byte> v, Span<byte> red, Span<byte> green, Span<byte> blue)
    {
        int x = 0;
        for (; x <= luma.Length - Lanes; x += Lanes)
        {
            (Vector128<ushort> yLow, Vector128<ushort> yHigh) = Vector128.Widen(Load(luma, x));
            (Vector128<ushort> uLow, Vector128<ushort> uHigh) = Vector128.Widen(Load(u, x));
            (Vector128<ushort> vLow, Vector128<ushort> vHigh) = Vector128.Widen(Load(v, x));
            (Vector128<ushort> redLow, Vector128<ushort> greenLow, Vector128<ushort> blueLow) = ToRgb(factors, yLow, uLow, vLow);
            (Vector128<ushort> redHigh, Vector128<ushort> greenHigh, Vector128<ushort> blueHigh) = ToRgb(factors, yHigh, uHigh, vHigh);
            Vector128.Narrow(redLow, redHigh).CopyTo(red[x..]);
            Vector128.Narrow(greenLow, greenHigh).CopyTo(green[x..]);
            Vector128.Narrow(blueLow, blueHigh).CopyTo(blue[x..]);
        }

        for (; x < luma.Length; x++)
        {
            int gray = factors.Luma * (luma[x] - factors.Black) + YuvFactors.Half;
            int b = u[x] - 128, r = v[x] - 128;
            red[x] = Clamp((gray + factors.RedV * r) >> YuvFactors.Shift);
            green[x] = Clamp((gray - factors.GreenU * b - factors.GreenV * r) >> YuvFactors.Shift);
            blue[x] = Clamp((gray + factors.BlueU * b) >> YuvFactors.Shift);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<ushort> Red, Vector128<ushort> Green, Vector128<ushort> Blue) ToRgb(
        in YuvFactors factors, Vector128<ushort> luma, Vector128<ushort> u, Vector128<ushort> v)
    {
        (Vector128<int> redLow, Vector128<int> greenLow, Vector128<int> blueLow) = ToRgb(
            factors, Vector128.WidenLower(luma).AsInt32(), Vector128.WidenLower(u).AsInt32(), Vector128.WidenLower(v).AsInt32());
        (Vector128<int> redHigh, Vector128<int> greenHigh, Vector128<int> blueHigh) = ToRgb(
            factors, Vector128.WidenUpper(luma).AsInt32(), Vector128.WidenUpper(u).AsInt32(), Vector128.WidenUpper(v).AsInt32());
        return (Clamp(redLow, redHigh), Clamp(greenLow, greenHigh), Clamp(blueLow, blueHigh));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<int> Red, Vector128<int> Green, Vector128<int> Blue) ToRgb(
        in YuvFactors factors, Vector128<int> luma, Vector128<int> u, Vector128<int> v)
    {
        Vector128<int> gray = (luma - Vector128.Create(factors.Black)) * factors.Luma + Vector128.Create(YuvFactors.Half);
        Vector128<int> b = u - Vector128.Create(128), r = v - Vector128.Create(128);
        return ((gray + r * factors.RedV) >> YuvFactors.Shift,
            (gray - b * factors.GreenU - r * factors.GreenV) >> YuvFactors.Shift,
            (gray + b * factors.BlueU) >> YuvFactors.Shift);
    }

    /// <summary>No channel leaves -512..511, so that 16 bits hold it before it is clamped to a byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Clamp(Vector128<int> low, Vector128<int> high) =>
        Vector128.Clamp(Vector128.Narrow(low, high), Vector128<short>.Zero, Vector128.Create((short)byte.MaxValue)).AsUInt16();

    private static byte Clamp(int value) => (byte)Math.Clamp(value, 0, byte.MaxValue);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Gray(Vector128<ushort> red, Vector128<ushort> green, Vector128<ushort> blue) =>
        (red * (ushort)77 + green * (ushort)150 + blue * (ushort)29 + Vector128.Create((ushort)128)) >> 8;

    /// <summary>Bytes channel, channel + 3, channel + 6... of 48; an index outside of its vector gives 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Pick(Vector128<byte> a, Vector128<byte> b, Vector128<byte> c, byte channel)
    {
        Vector128<sbyte> at = Vector128.Create((sbyte)0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36, 39, 42, 45) + Vector128.Create((sbyte)channel);
        return Vector128.Shuffle(a, at.AsByte()) | Vector128.Shuffle(b, (at - Vector128.Create((sbyte)16)).AsByte())
            | Vector128.Shuffle(c, (at - Vector128.Create((sbyte)32)).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Load(ReadOnlySpan<byte> from, int at) => Vector128.Create(from.Slice(at, Lanes));
}
