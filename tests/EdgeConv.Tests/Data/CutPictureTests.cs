using System.Buffers.Binary;
using EdgeConv.Converters.Data;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime.Preprocessing;
using StbImageWriteSharp;

namespace EdgeConv.Tests.Data;

/// <summary>Files that end before their picture does, as of a full card or a broken copy: refused, by the trainer and by the board.</summary>
public sealed class CutPictureTests
{
    private const int Width = 32, Height = 24;

    // 32 x 24, ten scans.
    private const string ProgressiveJpeg = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//"
        + "2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wgARCAAYACADASIAAhEBAxEB/8QA"
        + "FwABAQEBAAAAAAAAAAAAAAAAAwQABf/EABgBAAIDAAAAAAAAAAAAAAAAAAIFAQME/9oADAMBAAIQAxAAAAHgNRRAytUhbzo2pQIuwsP/xAAYEAADAQEAAAAA"
        + "AAAAAAAAAAAAAQIREv/aAAgBAQABBQJSKBQKBSKDMFLJk5wmBI//xAAYEQADAQEAAAAAAAAAAAAAAAAAAQMCEf/aAAgBAwEBPwGdSdSen0npn//EAB0RAQAC"
        + "AAcAAAAAAAAAAAAAAAEAAgMREhMhIjH/2gAIAQIBAT8BoapbbOPZSyYSkeuQT//EABYQAAMAAAAAAAAAAAAAAAAAAAAhMP/aAAgBAQAGPwKaP//EABsQAAEE"
        + "AwAAAAAAAAAAAAAAAAEAEBEhIEFh/9oACAEBAAE/IckXgOlohmjrEqf/2gAMAwEAAgADAAAAEBOgXP/EABgRAQEAAwAAAAAAAAAAAAAAAAEAESFB/9oACAED"
        + "AQE/EMM72QCZu//EABsRAQACAgMAAAAAAAAAAAAAAAEAITFREUGh/9oACAECAQE/EJQvZomVKvUI0V+c7n//xAAbEAACAgMBAAAAAAAAAAAAAAAAAREhMUFh"
        + "Uf/aAAgBAQABPxDkcibRzJoom0NEreDmrlGKhQYVsFMtDWhIXuz/2Q==";

    // 32 x 24, a restart marker after each second block.
    private const string RestartingJpeg = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//"
        + "2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAYACADASIAAhEBAxEB/8QA"
        + "GAAAAwEBAAAAAAAAAAAAAAAAAAQFAwb/xAAhEAABBAICAgMAAAAAAAAAAAAAAQMEEQJhIUExURITIv/EABgBAAIDAAAAAAAAAAAAAAAAAAMFAgQG/8QAIREA"
        + "AgIBAwUBAAAAAAAAAAAAAQIABAMRITESEzJBUaH/3QAEAAL/2gAMAwEAAhEDEQA/AOBai6HGoeigxFuuCixDvojgXuwde3pJbUG+hxqBoqYsYtqifG8vRu1G"
        + "cz0muAuQV0PT5H4I+rWyfc//0MY0XxwUEj/XglJ+l8ABVw5WSqzrzt+kCZyvkYsBGI8Li1QbbYXJabSk99gANycYRE215+x/WyMd5//Z";

    // 2 x 2, four colours.
    private const string Gif = "R0lGODlhAgACAJEAAP8AAAD/AAAA/wAAACH5BAAAAAAALAAAAAACAAIAAAIDRDQFADs=";

    private static readonly Dictionary<string, byte[]> _files = new()
    {
        ["baseline.jpg"] = Written((writer, pixels, stream) => writer.WriteJpg(pixels, Width, Height, ColorComponents.RedGreenBlue, stream, 85)),
        ["progressive.jpg"] = Convert.FromBase64String(ProgressiveJpeg),
        ["restarting.jpg"] = Convert.FromBase64String(RestartingJpeg),
        ["picture.png"] = Written((writer, pixels, stream) => writer.WritePng(pixels, Width, Height, ColorComponents.RedGreenBlue, stream)),
        ["picture.bmp"] = Written((writer, pixels, stream) => writer.WriteBmp(pixels, Width, Height, ColorComponents.RedGreenBlue, stream)),
        ["picture.tga"] = Written((writer, pixels, stream) => writer.WriteTga(pixels, Width, Height, ColorComponents.RedGreenBlue, stream)),
        ["picture.gif"] = Convert.FromBase64String(Gif),
        ["grey.pgm"] = [.. "P5 4 3 255\n"u8, .. Enumerable.Range(0, 12).Select(i => (byte)i)],
        ["color.ppm"] = [.. "P6 2 2 255\n"u8, .. Enumerable.Range(0, 12).Select(i => (byte)i)],
    };

    public static TheoryData<string> Names => [.. _files.Keys];

    public static TheoryData<string> Jpegs => [.. _files.Keys.Where(name => name.EndsWith(".jpg", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_picture_that_is_cut_anywhere_is_refused_and_named(string name)
    {
        byte[] whole = _files[name];
        Picture picture = PictureFile.Decode(whole, name);
        Assert.Equal(picture.Width * picture.Height * picture.Format.BytesPerPixel(), picture.Pixels.Length);

        // What ends a GIF is one byte behind its only frame: without it nothing of the picture is missing.
        int needed = whole.Length - (name == "picture.gif" ? 1 : 0);
        for (int length = 0; length < needed; length++)
        {
            byte[] cut = whole[..length];
            var error = Assert.Throws<DataSetException>(() => PictureFile.Decode(cut, name));
            Assert.Contains(name, error.Message);
            if (PictureDecoder.Extensions.Contains(Path.GetExtension(name)))
                Assert.Contains(name, Assert.Throws<FrameException>(() => PictureDecoder.Decode(cut, name)).Message);
        }
    }

    [Theory]
    [MemberData(nameof(Jpegs))]
    public void Of_half_a_jpeg_it_is_said_that_it_is_cut_short(string name)
    {
        byte[] half = _files[name][..^40];
        Assert.Contains("cut short", Assert.Throws<DataSetException>(() => PictureFile.Decode(half, name)).Message);
        Assert.Contains("cut short", Assert.Throws<FrameException>(() => PictureDecoder.Decode(half, name)).Message);
    }

    [Theory]
    [MemberData(nameof(Jpegs))]
    public void Nothing_behind_the_end_saves_a_cut_jpeg_and_nothing_there_harms_a_whole_one(string name)
    {
        byte[] whole = _files[name], pixels = PictureFile.Decode(whole, name).Pixels.ToArray();
        foreach (byte[] behind in new byte[][] { new byte[700], [0xFF], [.. Enumerable.Repeat((byte)0xFF, 9)], whole })
            Assert.Equal(pixels, PictureFile.Decode([.. whole, .. behind], name).Pixels.ToArray());

        // As a card that failed leaves it: the length of the file is right, its last sectors are zeros.
        byte[] emptied = [.. whole[..^60], .. new byte[60]];
        Assert.Throws<DataSetException>(() => PictureFile.Decode(emptied, name));
    }

    [Theory]
    [MemberData(nameof(Jpegs))]
    public void The_end_of_a_thumbnail_is_not_that_of_the_picture(string name)
    {
        byte[] whole = _files[name], thumbnail = _files["baseline.jpg"];
        byte[] exif = [0xFF, 0xE1, 0, 0, .. "Exif\0\0"u8, .. thumbnail];
        BinaryPrimitives.WriteUInt16BigEndian(exif.AsSpan(2), (ushort)(exif.Length - 2));
        byte[] file = [.. whole[..2], .. exif, .. whole[2..]];
        Assert.Equal(PictureFile.Decode(whole, name).Pixels.ToArray(), PictureFile.Decode(file, name).Pixels.ToArray());
        for (int length = 2; length < file.Length; length++)
            Assert.Throws<DataSetException>(() => PictureFile.Decode(file[..length], name));
    }

    private static byte[] Written(Action<ImageWriter, byte[], Stream> write)
    {
        byte[] pixels = [.. Enumerable.Range(0, Width * Height * 3).Select(i => (byte)(i * i / 5))];
        using MemoryStream stream = new();
        write(new ImageWriter(), pixels, stream);
        return stream.ToArray();
    }
}
