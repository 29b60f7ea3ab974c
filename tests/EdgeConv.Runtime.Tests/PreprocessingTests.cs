using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Runtime.Tests;

/// <summary>Crop, resize and colour in integers, against a float formulation of the same rules.</summary>
public sealed class PreprocessingTests
{
    [Theory]
    [InlineData(Resize.Area)]
    [InlineData(Resize.Bilinear)]
    [InlineData(Resize.Nearest)]
    public void The_models_own_size_passes_through(Resize resize)
    {
        byte[] pixels = Pixels(28 * 28);
        Assert.Equal(pixels, Run(new PictureLayout(28, 28, ColorOrder.Gray, Resize: resize), new Picture(pixels, 28, 28, PixelFormat.Gray8)));
    }

    [Fact]
    public void Area_is_the_mean_of_what_an_output_pixel_covers()
    {
        var random = new Random(1);
        for (int i = 0; i < 60; i++)
        {
            int width = random.Next(1, 40), height = random.Next(1, 40), outW = random.Next(1, 20), outH = random.Next(1, 20);
            byte[] pixels = Pixels(width * height, i);
            byte[] found = Run(new PictureLayout(outW, outH, ColorOrder.Gray), new Picture(pixels, width, height, PixelFormat.Gray8));
            for (int y = 0; y < outH; y++)
            {
                for (int x = 0; x < outW; x++)
                {
                    Assert.InRange(found[y * outW + x] - Mean(pixels, width, height, x, y, outW, outH), -0.5001, 0.5001);
                }
            }
        }
    }

    [Fact]
    public void Bilinear_mixes_the_four_neighbours_of_the_pixel_centre()
    {
        var random = new Random(2);
        for (int i = 0; i < 60; i++)
        {
            int width = random.Next(1, 30), height = random.Next(1, 30), outW = random.Next(1, 40), outH = random.Next(1, 40);
            byte[] pixels = Pixels(width * height, i);
            var layout = new PictureLayout(outW, outH, ColorOrder.Gray, Resize: Resize.Bilinear);
            byte[] found = Run(layout, new Picture(pixels, width, height, PixelFormat.Gray8));
            for (int y = 0; y < outH; y++)
            {
                for (int x = 0; x < outW; x++)
                {
                    double expected = Sample(pixels, width, height, (x + 0.5) * width / outW - 0.5, (y + 0.5) * height / outH - 0.5);
                    Assert.InRange(found[y * outW + x] - expected, -0.8, 0.8);   // half a step, and weights of 11 bits
                }
            }
        }
    }

    [Fact]
    public void Center_crop_keeps_the_middle()
    {
        // a 6x2 picture for a square model: the middle two columns
        byte[] pixels = [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15];
        Assert.Equal([2, 3, 12, 13], Run(new PictureLayout(2, 2, ColorOrder.Gray, Crop.Center), new Picture(pixels, 6, 2, PixelFormat.Gray8)));
        Assert.Equal([1, 4, 11, 14], Run(new PictureLayout(2, 2, ColorOrder.Gray, Crop.Stretch), new Picture(pixels, 6, 2, PixelFormat.Gray8)));
    }

    [Fact]
    public void Colours_come_in_the_models_order_from_every_format()
    {
        byte[] red = [200, 20, 3];
        foreach ((PixelFormat format, byte[] pixel) in new (PixelFormat, byte[])[]
        {
            (PixelFormat.Rgb24, [200, 20, 3]), (PixelFormat.Bgr24, [3, 20, 200]), (PixelFormat.Rgba32, [200, 20, 3, 255]), (PixelFormat.Bgra32, [3, 20, 200, 0]),
        })
        {
            var picture = new Picture(pixel, 1, 1, format);
            Assert.Equal(red, Run(new PictureLayout(1, 1, ColorOrder.Rgb), picture));
            Assert.Equal(red.Reverse(), Run(new PictureLayout(1, 1, ColorOrder.Bgr), picture));
            Assert.Equal([(byte)((77 * 200 + 150 * 20 + 29 * 3 + 128) >> 8)], Run(new PictureLayout(1, 1, ColorOrder.Gray), picture));
        }

        Assert.Equal([7, 7, 7], Run(new PictureLayout(1, 1, ColorOrder.Rgb), new Picture(new byte[] { 7 }, 1, 1, PixelFormat.Gray8)));
    }

    [Fact]
    public void The_tables_give_each_channel_its_own_bytes()
    {
        sbyte[] tables = [.. Enumerable.Range(0, 3 * 256).Select(i => (sbyte)(i % 256 - 128 + i / 256 * 10 - (i % 256 > 200 ? 60 : 0)))];
        var preprocessor = new Preprocessor(new PreprocessingRecord(new PictureLayout(2, 1, ColorOrder.Rgb), tables));
        sbyte[] output = new sbyte[6];
        preprocessor.Run(new Picture(new byte[] { 1, 2, 3, 201, 202, 203 }, 2, 1, PixelFormat.Rgb24), output);
        Assert.Equal([tables[1], tables[258], tables[515], tables[201], tables[458], tables[715]], output);
    }

    [Fact]
    public void A_picture_with_too_few_bytes_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(
            () => Run(new PictureLayout(2, 2, ColorOrder.Gray), new Picture(new byte[11], 2, 2, PixelFormat.Rgb24)));
        Assert.Contains("11 bytes", error.Message);
        Assert.Throws<ArgumentException>(() => Run(new PictureLayout(2, 2, ColorOrder.Gray), new Picture(default, 0, 5, PixelFormat.Gray8)));
    }

    private static byte[] Run(PictureLayout layout, Picture picture)
    {
        byte[] output = new byte[layout.ByteLength];
        new PictureResampler(layout).Run(picture, output);
        return output;
    }

    private static byte[] Pixels(int count, int seed = 0)
    {
        byte[] pixels = new byte[count];
        new Random(seed).NextBytes(pixels);
        return pixels;
    }

    private static double Mean(byte[] pixels, int width, int height, int x, int y, int outW, int outH)
    {
        double sum = 0, area = 0;
        for (int sy = 0; sy < height; sy++)
        {
            for (int sx = 0; sx < width; sx++)
            {
                double w = Math.Max(0, Math.Min(sx + 1, (x + 1.0) * width / outW) - Math.Max(sx, (double)x * width / outW));
                double h = Math.Max(0, Math.Min(sy + 1, (y + 1.0) * height / outH) - Math.Max(sy, (double)y * height / outH));
                sum += w * h * pixels[sy * width + sx];
                area += w * h;
            }
        }

        return sum / area;
    }

    private static double Sample(byte[] pixels, int width, int height, double x, double y)
    {
        x = Math.Clamp(x, 0, width - 1);
        y = Math.Clamp(y, 0, height - 1);
        (int x0, int y0) = ((int)x, (int)y);
        (int x1, int y1) = (Math.Min(x0 + 1, width - 1), Math.Min(y0 + 1, height - 1));
        double top = pixels[y0 * width + x0] * (1 - (x - x0)) + pixels[y0 * width + x1] * (x - x0);
        double bottom = pixels[y1 * width + x0] * (1 - (x - x0)) + pixels[y1 * width + x1] * (x - x0);
        return top * (1 - (y - y0)) + bottom * (y - y0);
    }
}
