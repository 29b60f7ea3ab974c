using System.IO.Pipes;
using EdgeConv.Converters;

namespace EdgeConv.Tests.Converters;

/// <summary>Files that are there whole or not at all, and devices, which are written to and never replaced.</summary>
public sealed class AtomicFileTests
{
    [Fact]
    public void A_failure_leaves_the_file_as_it_was_and_nothing_beside_it()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.bin", [1, 2, 3]);
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.WriteByte(9);
            throw new InvalidOperationException();
        }));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void A_device_is_written_to()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Devices have paths on Linux.");
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In);
        AtomicFile.Write($"/dev/fd/{pipe.ClientSafePipeHandle.DangerousGetHandle()}", new byte[] { 4, 5 });
        pipe.DisposeLocalCopyOfClientHandle();
        Assert.Equal(4, pipe.ReadByte());
        Assert.Equal(5, pipe.ReadByte());
        Assert.Equal(-1, pipe.ReadByte());
    }
}
