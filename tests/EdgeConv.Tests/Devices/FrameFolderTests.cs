using EdgeConv.Converters.Data;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Devices;

/// <summary>Saved frames: whole, without loss, never over each other, where the trainer finds them.</summary>
public sealed class FrameFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<PixelFormat> Formats => [.. Enum.GetValues<PixelFormat>()];

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_trainer_makes_of_a_saved_frame_what_the_device_made_of_the_frame(PixelFormat format)
    {
        Random random = new(7 + (int)format);
        FrameFolder frames = new(_folder.Root, "cup");
        PictureLayout[] layouts = [new(28, 28, ColorOrder.Gray), new(32, 24, ColorOrder.Rgb, Crop.Center), new(9, 9, ColorOrder.Bgr, Crop.Center, Resize.Bilinear)];
        for (int i = 0; i < 20; i++)
        {
            int width = random.Next(1, 90), height = random.Next(1, 70);
            byte[] pixels = new byte[format.ByteLength(width, height)];
            random.NextBytes(pixels);
            Picture frame = new(pixels, width, height, format) { Yuv = (YuvRule)random.Next(4) };
            Picture file = PictureFile.Load(frames.Save(frame));
            Assert.Equal((width, height), (file.Width, file.Height));
            foreach (PictureLayout layout in layouts)
            {
                Assert.Equal(Resample(file, layout), Resample(frame, layout));
            }
        }
    }

    [Fact]
    public void Frames_of_several_programs_at_once_never_collide()
    {
        const int writers = 8, each = 40;
        Parallel.For(0, writers, writer =>
        {
            FrameFolder frames = new(_folder.Root, "cup");
            for (int i = 0; i < each; i++)
            {
                frames.Save(new Picture(new byte[] { (byte)writer, (byte)i }, 2, 1, PixelFormat.Gray8));
            }
        });
        string[] files = Directory.GetFiles(_folder.Path("cup"));
        Assert.All(files, file => Assert.EndsWith(".png", file));
        HashSet<(byte, byte)> seen = [.. files.Select(file => PictureFile.Load(file).Pixels.Span is var p ? (p[0], p[1]) : default)];
        Assert.Equal((writers * each, writers * each), (files.Length, seen.Count));
    }

    [Fact]
    public void A_disk_that_does_not_take_a_frame_leaves_nothing_behind()
    {
        FrameFolder frames = new(_folder.Root, "cup");
        Directory.Delete(_folder.Path("cup"));
        Assert.ThrowsAny<IOException>(() => frames.Save(new Picture(new byte[1], 1, 1, PixelFormat.Gray8)));
        Assert.Equal(0, frames.Count);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Root));
        Directory.CreateDirectory(_folder.Path("cup"));
        frames.Save(new Picture(new byte[1], 1, 1, PixelFormat.Gray8));
        Assert.Equal(1, frames.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a:b")]
    [InlineData("__MACOSX")]
    [InlineData("tab\tbed")]
    [InlineData("end.")]
    public void A_class_that_is_no_folder_of_a_data_set_is_refused(string name) =>
        Assert.Contains("no name for a folder", Assert.Throws<FrameException>(() => new FrameFolder(_folder.Root, name)).Message);

    [Theory]
    [InlineData("cup")]
    [InlineData("coffee cup-2_b.old")]
    [InlineData("Tässchen")]
    public void Names_that_people_give_are_taken(string name)
    {
        _ = new FrameFolder(_folder.Root, name);
        Assert.True(Directory.Exists(_folder.Path(name)));
    }

    private static byte[] Resample(Picture picture, PictureLayout layout)
    {
        byte[] bytes = new byte[layout.ByteLength];
        new PictureResampler(layout).Run(picture, bytes);
        return bytes;
    }
}
