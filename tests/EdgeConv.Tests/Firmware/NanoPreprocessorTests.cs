using EdgeConv.Runtime.Preprocessing;
using Nano = EdgeConv.Nano;

namespace EdgeConv.Tests.Firmware;

/// <summary>The microcontroller's preprocessing gives the runtime's bytes: every format, rule, order of colours, and sizes that do not divide.</summary>
public sealed class NanoPreprocessorTests
{
    private static readonly (int Width, int Height)[] _sources = [(1, 1), (2, 3), (28, 28), (31, 17), (40, 30), (64, 48), (5, 60)];

    private static readonly (int Width, int Height)[] _inputs = [(1, 1), (8, 8), (28, 28), (13, 7)];

    public static TheoryData<PixelFormat> Formats() => [.. Enum.GetValues<PixelFormat>()];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Any_picture_gives_the_runtimes_bytes(PixelFormat format)
    {
        Random random = new(4000 + (int)format);
        foreach (ColorOrder color in Enum.GetValues<ColorOrder>())
        {
            foreach (Crop crop in Enum.GetValues<Crop>())
            {
                foreach (Resize resize in Enum.GetValues<Resize>())
                {
                    foreach ((int width, int height) in _inputs)
                    {
                        PictureLayout layout = new(width, height, color, crop, resize);
                        foreach ((int sourceWidth, int sourceHeight) in _sources)
                        {
                            Compare(layout, random, format, sourceWidth, sourceHeight, YuvRule.Bt601, gap: 0);
                        }
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(PixelFormat.Yuyv)]
    [InlineData(PixelFormat.Nv12)]
    [InlineData(PixelFormat.I420)]
    public void Each_rule_of_a_cameras_colours_and_gaps_between_rows(PixelFormat format)
    {
        Random random = new(4100);
        foreach (YuvRule rule in Enum.GetValues<YuvRule>())
        {
            // a centred crop that begins at an odd column
            Compare(new PictureLayout(6, 9, ColorOrder.Rgb, Crop.Center), random, format, 29, 21, rule, gap: 6);
            Compare(new PictureLayout(6, 9, ColorOrder.Gray, Crop.Center, Resize.Nearest), random, format, 30, 21, rule, gap: 2);
        }
    }

    [Fact]
    public void Each_of_the_65536_pixels_of_5_6_5_bits_has_its_grey()
    {
        byte[] pixels = [.. Enumerable.Range(0, 65536).SelectMany(pixel => new[] { (byte)pixel, (byte)(pixel >> 8) })];
        foreach (PixelFormat format in new[] { PixelFormat.Rgb565, PixelFormat.Rgb565BigEndian })
        {
            Compare(new PictureLayout(256, 256, ColorOrder.Gray), Tables(new Random(1), 1), new Picture(pixels, 256, 256, format));
        }
    }

    [Fact]
    public void A_large_white_frame_does_not_overflow()
    {
        byte[] white = new byte[2048 * 2048];
        Array.Fill(white, byte.MaxValue);
        Compare(new PictureLayout(3, 3, ColorOrder.Gray), Tables(new Random(2), 1), new Picture(white, 2048, 2048, PixelFormat.Gray8));
    }

    [Fact]
    public void Frames_of_other_sizes_and_formats_follow_each_other()
    {
        Random random = new(7);
        PictureLayout layout = new(9, 9, ColorOrder.Rgb, Crop.Center);
        sbyte[] tables = Tables(random, 3);
        Preprocessor expected = new(new PreprocessingRecord(layout, tables));
        Nano.Preprocessor found = new(Record(layout, tables));
        foreach (PixelFormat format in new[] { PixelFormat.Gray8, PixelFormat.Rgb24, PixelFormat.Rgb24, PixelFormat.Yuyv, PixelFormat.Gray8 })
        {
            Picture picture = Random(random, format, 20 + random.Next(3), 20, YuvRule.Bt601, 0);
            Compare(expected, found, layout, picture);
        }
    }

    [Fact]
    public void A_record_is_read_as_it_stands_in_a_model_file()
    {
        sbyte[] tables = Tables(new Random(8), 3);
        byte[] bytes = [1, 2, 3, 9, 0, 0, 0, 7, 0, 0, 0, 2, 1, 2, 0, 0, 0, 0, 0, .. tables.Select(entry => (byte)entry)];
        Nano.PreprocessingRecord record = Nano.PreprocessingRecord.Read(bytes, 3);
        Assert.Equal((9, 7, Nano.ColorOrder.Bgr, Nano.Crop.Center, Nano.Resize.Nearest), (record.Width, record.Height, record.Color, record.Crop, record.Resize));
        Assert.Equal(tables, record.Tables);
        Assert.Contains("has 784", Assert.Throws<ArgumentException>(() => Nano.PreprocessingRecord.Read(bytes[..^1], 3)).Message);
        bytes[3 + 10] = 3;
        Assert.Contains("resize 3", Assert.Throws<ArgumentException>(() => Nano.PreprocessingRecord.Read(bytes, 3)).Message);
    }

    [Theory]
    [InlineData(0, 4, 0, 16, "0x4 pixels")]
    [InlineData(4, 4, 0, 15, "found 15 bytes, a picture of 4x4 pixels has 16")]
    [InlineData(4, 4, 3, 16, "found 3 bytes from row to row")]
    public void What_is_wrong_with_a_picture_is_said(int width, int height, int stride, int bytes, string expected)
    {
        Nano.Preprocessor preprocessor = new(Record(new PictureLayout(2, 2, ColorOrder.Gray), Tables(new Random(1), 1)));
        Nano.Picture picture = new() { Pixels = new byte[bytes], Width = width, Height = height, Stride = stride };
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => preprocessor.Run(picture, new sbyte[4], 0)).Message);
    }

    [Fact]
    public void Frames_of_one_size_allocate_nothing()
    {
        Random random = new(9);
        PictureLayout layout = new(28, 28, ColorOrder.Gray, Crop.Center);
        Nano.Preprocessor preprocessor = new(Record(layout, Tables(random, 1)));
        Nano.Picture picture = Copy(Random(random, PixelFormat.Rgb565BigEndian, 160, 120, YuvRule.Bt601, 0));
        sbyte[] input = new sbyte[layout.ByteLength];
        preprocessor.Run(picture, input, 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        preprocessor.Run(picture, input, 0);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void Compare(PictureLayout layout, Random random, PixelFormat format, int width, int height, YuvRule rule, int gap) =>
        Compare(layout, Tables(random, layout.Channels), Random(random, format, width, height, rule, gap));

    private static void Compare(PictureLayout layout, sbyte[] tables, in Picture picture) =>
        Compare(new Preprocessor(new PreprocessingRecord(layout, tables)), new Nano.Preprocessor(Record(layout, tables)), layout, picture);

    private static void Compare(Preprocessor reference, Nano.Preprocessor nano, PictureLayout layout, in Picture picture)
    {
        const int Before = 3;
        sbyte[] expected = new sbyte[layout.ByteLength], found = new sbyte[Before + layout.ByteLength];
        reference.Run(picture, expected);
        nano.Run(Copy(picture), found, Before);
        if (!found.AsSpan(Before).SequenceEqual(expected))
        {
            int at = Enumerable.Range(0, expected.Length).First(i => expected[i] != found[Before + i]);
            Assert.Fail($"{picture.Width}x{picture.Height} {picture.Format}, {picture.Yuv}, stride {picture.Stride}, {layout}: byte {at} is {found[Before + at]}, expected {expected[at]}");
        }
    }

    private static Picture Random(Random random, PixelFormat format, int width, int height, YuvRule rule, int gap)
    {
        int stride = gap == 0 ? 0 : (int)format.RowBytes(width) + gap;
        byte[] pixels = new byte[format.ByteLength(width, height, stride)];
        random.NextBytes(pixels);
        return new Picture(pixels, width, height, format) { Stride = stride, Yuv = rule };
    }

    private static Nano.Picture Copy(in Picture picture) => new()
    {
        Pixels = picture.Pixels.ToArray(),
        Width = picture.Width,
        Height = picture.Height,
        Format = (Nano.PixelFormat)picture.Format,
        Stride = picture.Stride,
        Yuv = (Nano.YuvRule)picture.Yuv,
    };

    private static Nano.PreprocessingRecord Record(PictureLayout layout, sbyte[] tables) =>
        new(layout.Width, layout.Height, (Nano.ColorOrder)layout.Color, (Nano.Crop)layout.Crop, (Nano.Resize)layout.Resize, tables);

    private static sbyte[] Tables(Random random, int channels) =>
        [.. Enumerable.Range(0, PreprocessingRecord.EntriesAChannel * channels).Select(_ => (sbyte)random.Next(-128, 128))];
}
