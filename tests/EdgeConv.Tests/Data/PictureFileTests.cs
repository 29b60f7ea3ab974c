using System.Text;
using EdgeConv.Converters.Data;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Data;

public sealed class PictureFileTests
{
    private const string ColorPng =
        "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAE0lEQVR42mP4z8DAAMIM/7lE5AAaWAM64pJu2QAAAABJRU5ErkJggg==";
    private const string GrayPng = "iVBORw0KGgoAAAANSUhEUgAAAAMAAAABCAAAAAA+i0toAAAADElEQVR42mNgaPgPAAIDAYAanCY7AAAAAElFTkSuQmCC";
    private const string TransparentPng =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNgZGJuAAAAlQCHzJbkmQAAAABJRU5ErkJggg==";

    [Fact]
    public void Binary_grey() => Check(Pnm("P5\n# a comment\n3 1\n255\n", 0, 10, 255), 3, 1, PixelFormat.Gray8, 0, 10, 255);

    [Fact]
    public void Text_grey() => Check(Pnm("P2 2 2 15\n0 1\n# in the middle\n 15 7\n"), 2, 2, PixelFormat.Gray8, 0, 17, 255, 119);

    [Fact]
    public void Sixteen_bit_grey() => Check(Pnm("P5 2 1 65535\n", 0x80, 0x80, 0xff, 0xff), 2, 1, PixelFormat.Gray8, 128, 255);

    [Fact]
    public void Binary_color() => Check(Pnm("P6 1 2 255\n", 1, 2, 3, 4, 5, 6), 1, 2, PixelFormat.Rgb24, 1, 2, 3, 4, 5, 6);

    [Fact]
    public void Text_color() => Check(Pnm("P3 1 1 255 9 8 7"), 1, 1, PixelFormat.Rgb24, 9, 8, 7);

    [Fact]
    public void Color_png() =>
        Check(Convert.FromBase64String(ColorPng), 2, 2, PixelFormat.Rgb24, 255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30);

    [Fact]
    public void Grey_png() => Check(Convert.FromBase64String(GrayPng), 3, 1, PixelFormat.Gray8, 0, 128, 255);

    [Fact]
    public void Transparency_is_dropped() => Check(Convert.FromBase64String(TransparentPng), 1, 1, PixelFormat.Rgb24, 1, 2, 3);

    [Theory]
    [InlineData("", "empty")]
    [InlineData("hello", "no known picture format")]
    [InlineData("P5 2 2 255\n\u0001", "announced")]
    [InlineData("P5 0 2 255\n", "0 x 2")]
    [InlineData("P5 99999 2 255\n", "over 32768")]
    [InlineData("P6 32000 32000 255\n", "million")]
    [InlineData("P2 2 1 255\n1", "missing")]
    [InlineData("P2 1 1 10\n11", "over 10")]
    [InlineData("P4 8 1\n\u0001", "P4")]
    public void What_does_not_decode_is_said_with_the_name(string content, string expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("broken.pgm", Encoding.Latin1.GetBytes(content));
        var error = Assert.Throws<DataSetException>(() => PictureFile.Load(path));
        Assert.Contains(path, error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_damaged_png_is_an_error_at_every_length()
    {
        byte[] whole = Convert.FromBase64String(ColorPng);
        for (int length = 0; length < whole.Length - 16; length++) // the end chunk may be missing
            Assert.Throws<DataSetException>(() => PictureFile.Decode(whole[..length], "cut.png"));
    }

    [Fact]
    public void A_missing_file_is_said()
    {
        var error = Assert.Throws<DataSetException>(() => PictureFile.Load("/nowhere/digit.png"));
        Assert.Equal("Picture /nowhere/digit.png cannot be read: there is no such file.", error.Message);
    }

    private static byte[] Pnm(string header, params byte[] pixels) => [.. Encoding.ASCII.GetBytes(header), .. pixels];

    private static void Check(byte[] file, int width, int height, PixelFormat format, params byte[] pixels)
    {
        Picture picture = PictureFile.Decode(file, "test");
        Assert.Equal((width, height, format), (picture.Width, picture.Height, picture.Format));
        Assert.Equal(pixels, picture.Pixels.ToArray());
    }
}
