using System.Buffers.Binary;
using System.Text;
using EdgeConv.Trainer.Native;

namespace EdgeConv.Tests.Trainer;

public sealed class ElfVersionNeedsTests
{
    private const int NeedOffset = 64 + 2 * 64, FlagsOfFirst = NeedOffset + 16 + 4, FlagsOfSecond = FlagsOfFirst + 16;

    [Fact]
    public void One_version_is_marked_once_and_the_rest_stays()
    {
        using var folder = new TemporaryFolder();
        byte[] before = Library();
        string path = folder.Write("lib.so", before);
        var written = new DateTime(2020, 1, 2, 3, 4, 6, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(path, written);

        Assert.True(ElfVersionNeeds.MarkWeak(path, "GLIBCXX_3.4.32"));
        byte[] after = File.ReadAllBytes(path);
        Assert.Equal(2, after[FlagsOfSecond]);
        Assert.Equal(0, after[FlagsOfFirst]);
        after[FlagsOfSecond] = 0;
        Assert.Equal(before, after);
        Assert.Equal(written, File.GetLastWriteTimeUtc(path));

        Assert.False(ElfVersionNeeds.MarkWeak(path, "GLIBCXX_3.4.32"));
        Assert.False(ElfVersionNeeds.MarkWeak(path, "GLIBCXX_3.4"));
        Assert.Equal([path], Directory.GetFiles(folder.Root));
    }

    [Fact]
    public void What_is_no_library_is_refused_and_kept()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = Library();
        for (int length = 0; length < FlagsOfSecond + 2; length += 3)
        {
            string path = folder.Write("cut.so", whole[..length]);
            Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MarkWeak(path, "GLIBCXX_3.4.32"));
            Assert.Equal(whole[..length], File.ReadAllBytes(path));
        }
    }

    /// <summary>Header, two sections (strings, version needs), one needed library with two versions.</summary>
    private static byte[] Library()
    {
        byte[] strings = Encoding.ASCII.GetBytes("\0libstdc++.so.6\0GLIBCXX_3.4.3\0GLIBCXX_3.4.32\0");
        int stringsOffset = NeedOffset + 48;
        var file = new byte[stringsOffset + strings.Length];
        "\u007fELF"u8.CopyTo(file);
        (file[4], file[5]) = (2, 1);
        U64(40, 64);
        U16(58, 64);
        U16(60, 2);
        Section(0, type: 3, stringsOffset, strings.Length, link: 0);
        Section(1, type: 0x6ffffffe, NeedOffset, 48, link: 0);
        U16(NeedOffset, 1);
        U16(NeedOffset + 2, 2);
        U32(NeedOffset + 4, 1);
        U32(NeedOffset + 8, 16);
        Version(NeedOffset + 16, name: 16, next: 16);
        Version(NeedOffset + 32, name: 30, next: 0);
        strings.CopyTo(file, stringsOffset);
        return file;

        void Section(int index, uint type, int offset, int size, uint link)
        {
            int at = 64 + index * 64;
            U32(at + 4, type);
            U64(at + 24, (ulong)offset);
            U64(at + 32, (ulong)size);
            U32(at + 40, link);
        }

        void Version(int at, uint name, uint next)
        {
            U32(at + 8, name);
            U32(at + 12, next);
        }

        void U16(int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), value);
        void U32(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), value);
        void U64(int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(at), value);
    }
}
