using System.Text;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Devices;

/// <summary>PGM and PPM pictures from memory and from the disk.</summary>
public sealed class FrameFilesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edgeconv-frames-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Grey_pixels_are_read_as_they_stand()
    {
        Picture picture = Read("P5\n3 2\n255\n", [1, 2, 3, 254, 255, 0]);
        Assert.Equal((3, 2, PixelFormat.Gray8), (picture.Width, picture.Height, picture.Format));
        Assert.Equal([1, 2, 3, 254, 255, 0], picture.Pixels.ToArray());
    }

    [Fact]
    public void Colour_comments_and_pixels_that_look_like_blanks()
    {
        Picture picture = Read("P6 # made by hand\n#and so on\n 1\t2 255\n", [(byte)'\n', 32, (byte)'#', 9, 8, 7, 99]);
        Assert.Equal((1, 2, PixelFormat.Rgb24), (picture.Width, picture.Height, picture.Format));
        Assert.Equal([10, 32, 35, 9, 8, 7], picture.Pixels.ToArray());
    }

    [Fact]
    public void Fewer_levels_are_stretched_to_255() =>
        Assert.Equal([0, 17, 119, 255], Read("P5 2 2 15\n", [0, 1, 7, 15]).Pixels.ToArray());

    [Theory]
    [InlineData("", "not a Netpbm picture")]
    [InlineData("P", "not a Netpbm picture")]
    [InlineData("\u0089PNG", "not a Netpbm picture")]
    [InlineData("P2 1 1 255 0", "type P2")]
    [InlineData("P5", "no width")]
    [InlineData("P5 0 4 255\n", "no width")]
    [InlineData("P5 4 -1 255\n", "no height")]
    [InlineData("P5 4 4 # no maximum", "no maximum")]
    [InlineData("P5 1 1 65535\n..", "at most 255")]
    [InlineData("P5 2 2 255\nabc", "cut short")]
    [InlineData("P5 2 2 255", "cut short")]
    [InlineData("P6 99999999999 99999999999 255\nabc", "cut short")]
    [InlineData("P5 1 1 9\nz", "a sample of 122")]
    public void A_bad_picture_is_named_with_what_is_wrong(string text, string expected)
    {
        FrameException error = Assert.Throws<FrameException>(() => Netpbm.Read(Encoding.Latin1.GetBytes(text), "bad.pgm"));
        Assert.StartsWith("bad.pgm: ", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_folder_plays_in_the_order_of_names_and_goes_on_after_a_bad_picture()
    {
        Write("b.pgm", "P5 1 1 255\n2");
        Write("a.ppm", "P6 1 1 255\nabc");
        Write("c.PGM", "P5 9 9 255\n");
        Write("d.pgm", "P5 1 1 255\n4");
        Write("notes.txt", "no picture");
        using var frames = new FrameFiles(_folder.FullName);
        Assert.Equal(4, frames.Count);
        Assert.Equal("a.ppm", Next(frames));
        Assert.Equal("b.pgm", Next(frames));
        Assert.Throws<FrameException>(() => frames.TryRead(out _));
        Assert.Equal("d.pgm", Next(frames));
        Assert.False(frames.TryRead(out _));
    }

    [Fact]
    public void Nothing_to_play_is_said()
    {
        Assert.Contains("no picture", Assert.Throws<FrameException>(() => new FrameFiles(_folder.FullName)).Message);
        string missing = Path.Combine(_folder.FullName, "missing.pgm");
        Assert.Contains("no such file", Assert.Throws<FrameException>(() => new FrameFiles(missing)).Message);
    }

    private static Picture Read(string header, byte[] pixels) => Netpbm.Read((byte[])[.. Encoding.ASCII.GetBytes(header), .. pixels], "test");

    private static string Next(FrameFiles frames)
    {
        Assert.True(frames.TryRead(out Frame frame));
        return Path.GetFileName(frame.Name);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder.FullName, name), text, Encoding.Latin1);
}
