using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Runtime.Tests.Parity;

namespace EdgeConv.Runtime.Tests;

/// <summary>A region of interest is what a picture that was cut before would be, also where it begins between two pixels that share their colour.</summary>
public sealed class PictureRegionTests
{
    [Theory]
    [InlineData(PixelFormat.Gray8)]
    [InlineData(PixelFormat.Rgb24)]
    [InlineData(PixelFormat.Bgr24)]
    [InlineData(PixelFormat.Rgba32)]
    [InlineData(PixelFormat.Bgra32)]
    [InlineData(PixelFormat.Yuyv)]
    [InlineData(PixelFormat.Nv12)]
    [InlineData(PixelFormat.I420)]
    [InlineData(PixelFormat.Rgb565)]
    [InlineData(PixelFormat.Rgb565BigEndian)]
    public void A_region_gives_the_bytes_of_the_picture_that_was_cut_before(PixelFormat format)
    {
        var random = new Random(40 + (int)format);
        int odd = 0;
        for (int i = 0; i < 1000; i++)
        {
            Picture picture = PlainPictures.Random(random, format, 70);
            PictureRegion region = Region(random, picture);
            var layout = new PictureLayout(random.Next(1, 33), random.Next(1, 33), (ColorOrder)random.Next(3), (Crop)random.Next(2), (Resize)random.Next(3));
            byte[] found = new byte[layout.ByteLength];
            new PictureResampler(layout).Run(picture, region, found);
            byte[] expected = PlainPictures.Resample(Cut(PlainPictures.ToFile(picture), region), layout);
            Assert.True(expected.AsSpan().SequenceEqual(found), $"picture {i}: {picture.Width}x{picture.Height}, gap {picture.Stride}, {region}, {layout}");
            odd += region.Left & region.Top & 1;
        }

        Assert.InRange(odd, 100, 900);
    }

    [Fact]
    public void Regions_that_change_from_frame_to_frame_do_not_disturb_each_other()
    {
        var random = new Random(6);
        var layout = new PictureLayout(9, 7, ColorOrder.Bgr, Crop.Center);
        var resampler = new PictureResampler(layout);
        byte[] found = new byte[layout.ByteLength];
        Picture picture = PlainPictures.Random(random, PixelFormat.Nv12, 60);
        for (int i = 0; i < 200; i++)
        {
            PictureRegion region = Region(random, picture);
            resampler.Run(picture, region, found);
            Assert.Equal(PlainPictures.Resample(Cut(PlainPictures.ToFile(picture), region), layout), found);
            resampler.Run(picture, found);
            Assert.Equal(PlainPictures.Resample(PlainPictures.ToFile(picture), layout), found);
        }
    }

    [Theory]
    [InlineData(-1, 0, 2, 2)]
    [InlineData(0, -1, 2, 2)]
    [InlineData(0, 0, 0, 2)]
    [InlineData(0, 0, 2, 0)]
    [InlineData(3, 0, 2, 2)]
    [InlineData(0, 2, 2, 2)]
    [InlineData(int.MaxValue, 0, int.MaxValue, 2)]
    public void A_region_outside_of_the_picture_is_refused(int left, int top, int width, int height)
    {
        var picture = new Picture(new byte[12], 4, 3, PixelFormat.Gray8);
        var error = Assert.Throws<ArgumentException>(
            () => new PictureResampler(new PictureLayout(2, 2, ColorOrder.Gray)).Run(picture, new PictureRegion(left, top, width, height), new byte[4]));
        Assert.Contains("inside of 4x3", error.Message);
    }

    private static PictureRegion Region(Random random, Picture picture)
    {
        int width = random.Next(1, picture.Width + 1), height = random.Next(1, picture.Height + 1);
        return new PictureRegion(random.Next(picture.Width - width + 1), random.Next(picture.Height - height + 1), width, height);
    }

    /// <summary>Of a file's picture, whose pixels share nothing.</summary>
    private static Picture Cut(Picture file, PictureRegion region)
    {
        int bytes = file.Format.BytesPerPixel();
        byte[] pixels = new byte[region.Width * region.Height * bytes];
        for (int y = 0; y < region.Height; y++)
        {
            file.Pixels.Span.Slice(((region.Top + y) * file.Width + region.Left) * bytes, region.Width * bytes).CopyTo(pixels.AsSpan(y * region.Width * bytes));
        }

        return new Picture(pixels, region.Width, region.Height, file.Format);
    }
}
