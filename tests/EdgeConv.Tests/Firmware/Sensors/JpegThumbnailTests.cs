using EdgeConv.Nano;
using EdgeConv.Nano.Devices;
using StbImageSharp;

namespace EdgeConv.Tests.Firmware.Sensors;

/// <summary>The means of a JPEG file's blocks against a decoder of whole files.</summary>
public sealed class JpegThumbnailTests
{
    [Theory]
    [InlineData(1, 1, 1, 0)]
    [InlineData(1, 2, 2, 0)]
    [InlineData(3, 1, 1, 0)]
    [InlineData(3, 2, 1, 0)]
    [InlineData(3, 2, 2, 0)]
    [InlineData(3, 1, 2, 0)]
    [InlineData(3, 2, 1, 3)]
    [InlineData(1, 1, 1, 1)]
    public void Each_pixel_is_the_mean_of_a_block(int channels, int across, int down, int restart)
    {
        Random random = new(100 + 10 * channels + across + 3 * down + restart);
        JpegWriter writer = new(random);
        JpegThumbnail thumbnail = new(40, 30);
        foreach ((int width, int height) in new[] { (8, 8), (320, 240), (161, 43), (100, 7) })
        {
            byte[] file = writer.Write(width, height, channels, across, down, restart);
            Picture picture = new();
            SimulatedPort port = new(1);
            port.Send(0x00, 0xFF, 0x12);
            port.Send(file);
            Assert.True(thumbnail.TryRead(port, picture), thumbnail.Problem);
            Assert.Equal(((width + 7) / 8, (height + 7) / 8, PixelFormat.Gray8), (picture.Width, picture.Height, picture.Format));
            ImageResult whole = ImageResult.FromMemory(file, ColorComponents.Grey);
            for (int i = 0; i < picture.Width * picture.Height; i++)
            {
                (int column, int row) = (i % picture.Width, i / picture.Width);
                if (8 * column + 8 <= width && 8 * row + 8 <= height)
                {
                    double mean = Enumerable.Range(0, 64).Average(pixel => whole.Data[(8 * row + pixel / 8) * width + 8 * column + pixel % 8]);
                    Assert.True(Math.Abs(mean - picture.Pixels[i]) <= 1, $"{width}x{height}, block {column}, {row}: {picture.Pixels[i]}, expected {mean}");
                }
            }
        }
    }

    [Fact]
    public void A_file_that_is_cut_anywhere_is_refused()
    {
        byte[] file = new JpegWriter(new Random(5)).Write(48, 32, 3, 2, 1, 0);
        JpegThumbnail thumbnail = new(6, 4);
        for (int length = 0; length < file.Length - 2; length++)
        {
            SimulatedPort port = new(2);
            port.Send(file[..length]);
            Assert.False(thumbnail.TryRead(port, new Picture()), $"cut at {length}");
            Assert.NotNull(thumbnail.Problem);
        }
    }

    [Fact]
    public void A_damaged_file_never_throws_and_the_next_one_is_read()
    {
        Random random = new(6);
        byte[] file = new JpegWriter(random).Write(64, 48, 3, 2, 2, 2);
        JpegThumbnail thumbnail = new(8, 6);
        int refused = 0;
        for (int i = 0; i < 3000; i++)
        {
            byte[] damaged = [.. file];
            for (int times = random.Next(1, 4); times > 0; times--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            SimulatedPort port = new(i);
            port.Send(damaged);
            refused += thumbnail.TryRead(port, new Picture()) ? 0 : 1;
        }

        Assert.InRange(refused, 300, 2999);
        SimulatedPort good = new(7);
        good.Send(file);
        Assert.True(thumbnail.TryRead(good, new Picture()), thumbnail.Problem);
    }

    [Theory]
    [InlineData(0xC2, "progressive")]
    [InlineData(0xC9, "progressive, lossless or arithmetic")]
    public void Other_kinds_of_JPEG_are_named(int frame, string expected)
    {
        byte[] file = new JpegWriter(new Random(8)).Write(16, 16, 1, 1, 1, 0);
        int at = Enumerable.Range(0, file.Length).First(i => file[i] == 0xFF && file[i + 1] == 0xC0);
        file[at + 1] = (byte)frame;
        SimulatedPort port = new(9);
        port.Send(file);
        JpegThumbnail thumbnail = new(2, 2);
        Assert.False(thumbnail.TryRead(port, new Picture()));
        Assert.Contains(expected, thumbnail.Problem);
    }

    [Fact]
    public void A_picture_that_has_no_room_is_refused()
    {
        SimulatedPort port = new(9);
        port.Send(new JpegWriter(new Random(8)).Write(24, 16, 1, 1, 1, 0));
        JpegThumbnail thumbnail = new(2, 2);
        Assert.False(thumbnail.TryRead(port, new Picture()));
        Assert.Contains("24x16 pixels, 1 channels of 8 bits; there is room for 4 blocks", thumbnail.Problem);
    }
}
