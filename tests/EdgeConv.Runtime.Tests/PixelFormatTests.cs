using System.Globalization;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Runtime.Tests.Parity;

namespace EdgeConv.Runtime.Tests;

/// <summary>A camera's picture gives the bytes that a file of the same picture gives, in every format and on every processor.</summary>
public sealed class PixelFormatTests
{
    private const int Pictures = 1000;

    /// <summary>CRC-32C over all inputs of the test below: the same numbers wherever it runs.</summary>
    [Theory]
    [InlineData(PixelFormat.Gray8, 959177081u)]
    [InlineData(PixelFormat.Rgb24, 4076210926u)]
    [InlineData(PixelFormat.Bgr24, 1212000069u)]
    [InlineData(PixelFormat.Rgba32, 3222349521u)]
    [InlineData(PixelFormat.Bgra32, 2782059511u)]
    [InlineData(PixelFormat.Yuyv, 3276143321u)]
    [InlineData(PixelFormat.Nv12, 3660885443u)]
    [InlineData(PixelFormat.I420, 3964591618u)]
    [InlineData(PixelFormat.Rgb565, 3774887638u)]
    [InlineData(PixelFormat.Rgb565BigEndian, 3944424579u)]
    public void A_thousand_random_pictures_give_the_bytes_of_their_files(PixelFormat format, uint expected)
    {
        var random = new Random(20 + (int)format);
        List<byte> all = [];
        for (int i = 0; i < Pictures; i++)
        {
            Picture picture = PlainPictures.Random(random, format, 70);
            var layout = new PictureLayout(random.Next(1, 33), random.Next(1, 33), (ColorOrder)random.Next(3), (Crop)random.Next(2), (Resize)random.Next(3));
            sbyte[] tables = new sbyte[layout.Channels * PreprocessingRecord.EntriesAChannel];
            random.NextBytes((byte[])(Array)tables);
            sbyte[] found = new sbyte[layout.ByteLength];
            new Preprocessor(new PreprocessingRecord(layout, tables)).Run(picture, found);

            Picture file = PlainPictures.ToFile(picture);
            byte[] resampled = PlainPictures.Resample(file, layout);
            sbyte[] wanted = [.. resampled.Select((p, at) => tables[at % layout.Channels * PreprocessingRecord.EntriesAChannel + p])];
            Assert.True(wanted.AsSpan().SequenceEqual(found), $"picture {i}: {picture.Width}x{picture.Height}, gap {picture.Stride}, {picture.Yuv}, {layout}");
            all.AddRange((byte[])(Array)found);

            byte[] saved = new byte[file.Pixels.Length];
            new PictureColors().Convert(picture, saved);
            Assert.True(saved.AsSpan().SequenceEqual(file.Pixels.Span), $"picture {i}: {picture.Width}x{picture.Height}, gap {picture.Stride}, {picture.Yuv}");
        }

        Assert.Equal(expected, Crc32C.Compute([.. all]));
    }

    [Theory]
    [InlineData(YuvRule.Bt601)]
    [InlineData(YuvRule.Bt601Full)]
    [InlineData(YuvRule.Bt709)]
    [InlineData(YuvRule.Bt709Full)]
    public void A_colour_is_that_of_its_standard_to_one_step(YuvRule rule)
    {
        bool full = rule is YuvRule.Bt601Full or YuvRule.Bt709Full;
        (double kr, double kb) = rule is YuvRule.Bt601 or YuvRule.Bt601Full ? (.299, .114) : (.2126, .0722);
        var colors = new PictureColors();
        byte[] rgb = new byte[6];
        for (int i = 0; i < 20_000; i++)
        {
            byte[] yuyv = [(byte)(i * 7), (byte)(i * 31), (byte)(i * 13), (byte)(i * 57)];
            colors.Convert(new Picture(yuyv, 2, 1, PixelFormat.Yuyv) { Yuv = rule }, rgb);
            double y = full ? yuyv[0] : (yuyv[0] - 16) * 255.0 / 219;
            double u = (yuyv[1] - 128) * (full ? 1 : 255.0 / 224), v = (yuyv[3] - 128) * (full ? 1 : 255.0 / 224);
            double red = y + 2 * (1 - kr) * v, blue = y + 2 * (1 - kb) * u, green = (y - kr * red - kb * blue) / (1 - kr - kb);
            Assert.InRange(rgb[0] - Math.Clamp(red, 0, 255), -0.6, 0.6);
            Assert.InRange(rgb[1] - Math.Clamp(green, 0, 255), -0.6, 0.6);
            Assert.InRange(rgb[2] - Math.Clamp(blue, 0, 255), -0.6, 0.6);
        }
    }

    [Fact]
    public void The_worked_example_of_the_page_is_what_happens()
    {
        string page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "QUANTIZATION.md"));
        int[] numbers = [.. page.Split('\n').Single(line => line.StartsWith("Example: Y U V", StringComparison.Ordinal))
            .Split([' ', ',', '.', ':', '='], StringSplitOptions.RemoveEmptyEntries)
            .Where(word => word.All(char.IsAsciiDigit)).Select(word => int.Parse(word, CultureInfo.InvariantCulture))];
        (byte y, byte u, byte v) = ((byte)numbers[0], (byte)numbers[1], (byte)numbers[2]);
        var picture = new Picture(new byte[] { y, u, y, v }, 1, 1, PixelFormat.Yuyv);
        byte[] rgb = new byte[3], gray = new byte[1];
        new PictureResampler(new PictureLayout(1, 1, ColorOrder.Rgb)).Run(picture, rgb);
        new PictureResampler(new PictureLayout(1, 1, ColorOrder.Gray)).Run(picture, gray);
        Assert.Equal(numbers[3..7], rgb.Concat(gray).Select(b => (int)b));
    }

    [Fact]
    public void The_example_of_RGB565_is_what_happens()
    {
        string page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "QUANTIZATION.md"));
        string[] words = page.Split('\n').Single(line => line.Contains("Example: 0x", StringComparison.Ordinal))
            .Split("Example: ")[1].Split([' ', ',', '.', '='], StringSplitOptions.RemoveEmptyEntries);
        int pixel = Convert.ToInt32(words[0], 16);
        byte[] rgb = new byte[3];
        new PictureColors().Convert(new Picture(new byte[] { (byte)pixel, (byte)(pixel >> 8) }, 1, 1, PixelFormat.Rgb565), rgb);
        Assert.Equal(words[^3..], rgb.Select(b => b.ToString(CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData(PixelFormat.Yuyv, 3, 2, 0, 15, "15 bytes, a 3x2 picture of Yuyv has 16")]
    [InlineData(PixelFormat.Nv12, 4, 3, 0, 19, "19 bytes, a 4x3 picture of Nv12 has 20")]
    [InlineData(PixelFormat.I420, 4, 4, 6, 35, "35 bytes, a 4x4 picture of I420 has 36")]
    [InlineData(PixelFormat.Rgb24, 4, 2, 11, 99, "11 bytes from row to row, a row of 4 pixels of Rgb24 has 12")]
    [InlineData(PixelFormat.I420, 4, 2, 5, 99, "5 bytes from row to row")]
    [InlineData(PixelFormat.Rgb565, 5, 2, 0, 19, "19 bytes, a 5x2 picture of Rgb565 has 20")]
    [InlineData(PixelFormat.Gray8, 4, 2, -4, 99, "-4 bytes from row to row")]
    [InlineData((PixelFormat)77, 4, 2, 0, 99, "format 77")]
    public void A_picture_that_is_not_what_it_says_is_refused(PixelFormat format, int width, int height, int stride, int bytes, string message)
    {
        var picture = new Picture(new byte[bytes], width, height, format) { Stride = stride };
        var error = Assert.Throws<ArgumentException>(() => new PictureResampler(new PictureLayout(2, 2, ColorOrder.Gray)).Run(picture, new byte[4]));
        Assert.Contains(message, error.Message);
        Assert.Throws<ArgumentException>(() => new PictureColors().Convert(picture, new byte[width * height * 3]));
    }

    [Fact]
    public void Sizes_that_change_from_frame_to_frame_do_not_disturb_each_other()
    {
        var random = new Random(5);
        var layout = new PictureLayout(9, 7, ColorOrder.Rgb, Crop.Center);
        var resampler = new PictureResampler(layout);
        var colors = new PictureColors();
        byte[] found = new byte[layout.ByteLength];
        for (int i = 0; i < 200; i++)
        {
            Picture picture = PlainPictures.Random(random, (PixelFormat)random.Next(10), 40);
            Picture file = PlainPictures.ToFile(picture);
            resampler.Run(picture, found);
            Assert.Equal(PlainPictures.Resample(file, layout), found);
            byte[] saved = new byte[file.Pixels.Length];
            colors.Convert(picture, saved);
            Assert.Equal(file.Pixels.ToArray(), saved);
        }
    }

    [Fact]
    public void A_frame_is_preprocessed_without_allocating()
    {
        var picture = new Picture(new byte[320 * 240 * 2], 320, 240, PixelFormat.Yuyv);
        var layout = new PictureLayout(28, 28, ColorOrder.Gray);
        var preprocessor = new Preprocessor(new PreprocessingRecord(layout, new sbyte[256]));
        sbyte[] input = new sbyte[layout.ByteLength];
        preprocessor.Run(picture, input);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
        {
            preprocessor.Run(picture, input);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
