using System.Runtime.InteropServices;
using EdgeConv.Runtime.Preprocessing;
using StbImageSharp;

namespace EdgeConv.Devices.Frames;

/// <summary>Picture files in memory as pixels: PNG, JPEG, BMP, PGM and PPM. With the decoder that the trainer reads pictures with, to the same bytes.</summary>
public static class PictureDecoder
{
    private const long MaxPixels = 120_000_000;

    /// <summary>What files of such pictures end in.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".pgm", ".ppm", ".pnm", ".png", ".jpg", ".jpeg", ".bmp"];

    /// <summary>Decodes to <see cref="PixelFormat.Gray8"/> or <see cref="PixelFormat.Rgb24"/>; transparency is dropped.</summary>
    /// <param name="bytes">The whole file. Its memory may become that of the picture.</param>
    /// <param name="name">For messages.</param>
    /// <param name="mostPixels">A larger picture is taken for a damaged one.</param>
    /// <exception cref="FrameException">The bytes do not decode.</exception>
    public static Picture Decode(ReadOnlyMemory<byte> bytes, string name, long mostPixels = MaxPixels)
    {
        ReadOnlySpan<byte> start = bytes.Span;
        bool isKnown = start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']) || start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8])
            || start.StartsWith("BM"u8);
        return isKnown ? DecodeCompressed(bytes, name, mostPixels) : Netpbm.Read(bytes, name);
    }

    private static Picture DecodeCompressed(ReadOnlyMemory<byte> bytes, string name, long mostPixels)
    {
        if (JpegMarkers.Begins(bytes.Span) && !JpegMarkers.HasEnd(bytes.Span))
        {
            throw CutShort(name);
        }

        try
        {
            using EndingStream forInfo = Open(bytes), forPixels = Open(bytes);
            ImageInfo? info = ImageInfo.FromStream(forInfo);
            if (info is not { Width: > 0, Height: > 0 } || (long)info.Value.Width * info.Value.Height > mostPixels)
            {
                throw new FrameException($"{name}: damaged, or more than {mostPixels} pixels. PNG, JPEG, BMP, PGM and PPM are read.");
            }

            bool isGray = info.Value.ColorComponents is ColorComponents.Grey or ColorComponents.GreyAlpha;
            ImageResult image = ImageResult.FromStream(forPixels, isGray ? ColorComponents.Grey : ColorComponents.RedGreenBlue);
            if (forPixels.IsCutShort)
            {
                throw CutShort(name);
            }

            return new Picture(image.Data, image.Width, image.Height, isGray ? PixelFormat.Gray8 : PixelFormat.Rgb24);
        }
        catch (Exception error) when (error is not (OutOfMemoryException or FrameException))
        {
            // The decoder is a translation of C and meets broken files with any exception at all.
            throw new FrameException($"{name}: damaged, does not decode as the PNG, JPEG or BMP that it begins like.");
        }
    }

    private static FrameException CutShort(string name) => new($"{name}: cut short or damaged, it ends before the picture does.");

    private static EndingStream Open(ReadOnlyMemory<byte> bytes)
    {
        ArraySegment<byte> array = MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> own) ? own : bytes.ToArray();
        return new EndingStream(array.Array!, array.Offset, array.Count);
    }
}
