using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime.Preprocessing;
using StbImageWriteSharp;

namespace EdgeConv.Tests.Devices;

/// <summary>JPEG frames, also as USB cameras send them: without the tables that all of them share.</summary>
public sealed class MotionJpegTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_frame_without_Huffman_tables_gets_the_standards(bool gray)
    {
        byte[] jpeg = Jpeg(gray), bare = WithoutHuffmanTables(jpeg);
        Assert.True(bare.Length < jpeg.Length - 200);
        Picture whole = PictureDecoder.Decode(jpeg, "whole"), completed = Decode(bare);
        Assert.Equal((48, 32), (completed.Width, completed.Height));
        Assert.Equal(whole.Pixels.ToArray(), completed.Pixels.ToArray());
    }

    [Fact]
    public void The_device_decodes_to_the_trainers_bytes()
    {
        byte[] jpeg = Jpeg(gray: false);
        Picture device = PictureDecoder.Decode(jpeg, "device"), trainer = EdgeConv.Converters.Data.PictureFile.Decode(jpeg, "trainer");
        Assert.Equal(trainer.Format, device.Format);
        Assert.Equal(trainer.Pixels.ToArray(), device.Pixels.ToArray());
    }

    private static byte[] Jpeg(bool gray)
    {
        byte[] pixels = new byte[48 * 32 * 3];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = gray ? (byte)(i / 3 * 7) : (byte)(i * i / 5);
        }

        using MemoryStream stream = new();
        new ImageWriter().WriteJpg(pixels, 48, 32, ColorComponents.RedGreenBlue, stream, 80);
        return stream.ToArray();
    }

    private static byte[] WithoutHuffmanTables(byte[] jpeg)
    {
        List<byte> bare = [.. jpeg[..2]];
        int at = 2;
        while (jpeg[at + 1] != 0xDA)
        {
            int length = 2 + jpeg[at + 2] * 256 + jpeg[at + 3];
            bare.AddRange(jpeg[at + 1] == 0xC4 ? [] : jpeg[at..(at + length)]);
            at += length;
        }

        return [.. bare, .. jpeg[at..]];
    }

    private static Picture Decode(byte[] jpeg)
    {
        FrameBuffer frame = new();
        jpeg.CopyTo(frame.Resize(jpeg.Length));
        frame.SetJpeg();
        return MotionJpeg.Decode(frame, "frame");
    }
}
