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

    [Fact]
    public void A_frame_cut_within_its_header_is_refused_and_not_read_for_ever()
    {
        byte[] jpeg = Jpeg(gray: false);
        foreach (int length in (int[])[3, 20, 48, 100, 150])
        {
            Assert.Throws<FrameException>(() => PictureDecoder.Decode(jpeg.AsMemory(0, length), "cut"));
            Assert.Throws<EdgeConv.Converters.Data.DataSetException>(() => EdgeConv.Converters.Data.PictureFile.Decode(jpeg[..length], "cut"));
        }
    }

    [Fact]
    public void A_frame_whose_end_is_lost_is_refused_with_its_tables_and_without()
    {
        foreach (byte[] frame in new[] { Jpeg(gray: false), WithoutHuffmanTables(Jpeg(gray: false)) })
        {
            Assert.Equal(48, Decode([.. frame, .. new byte[64]]).Width);
            Assert.Contains("cut short", Assert.Throws<FrameException>(() => Decode(frame[..^2])).Message);
            Assert.Contains("cut short", Assert.Throws<FrameException>(() => Decode(frame[..^(frame.Length / 4)])).Message);
        }
    }

    [Fact]
    public void Damaged_frames_are_refused_or_decoded_and_nothing_else_happens()
    {
        byte[] jpeg = WithoutHuffmanTables(Jpeg(gray: false));
        Random random = new(3);
        int refused = 0;
        for (int i = 0; i < 4000; i++)
        {
            byte[] damaged = [.. jpeg];
            for (int hits = random.Next(1, 6); hits > 0; hits--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            damaged = random.Next(3) == 0 ? damaged[..random.Next(damaged.Length)] : damaged;
            try
            {
                Decode(damaged);
            }
            catch (FrameException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 100, 3900);
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
