using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeConv.Devices.Updating;

/// <summary>A package as it comes in: nothing but its head is read before that is known to be good.</summary>
internal sealed class PackageFile : IDisposable
{
    private readonly FileStream _stream;

    private PackageFile(string name, FileStream stream, PackageHead head, int headBytes) => (Name, _stream, Head, HeadBytes) = (name, stream, head, headBytes);

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <summary>What it says.</summary>
    public PackageHead Head { get; }

    /// <summary>The head's length.</summary>
    public int HeadBytes { get; }

    /// <summary>All of it.</summary>
    public long Length => _stream.Length;

    /// <summary>Opens one and reads its head.</summary>
    /// <exception cref="PackageException">It is none, or no file that can be read.</exception>
    public static PackageFile Open(string path)
    {
        FileStream? stream = null;
        try
        {
            stream = OpenFile(path);
            byte[] bytes = new byte[(int)Math.Min(stream.Length, PackageHead.MostBytes)];
            int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            PackageHead head = PackageHead.Read(bytes.AsSpan(0, read), path, out int headBytes);
            SignedModel.CheckLength(head, headBytes, stream.Length, path);
            PackageFile package = new(path, stream, head, headBytes);
            stream = null;
            return package;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new PackageException(UpdateReason.Unreadable, $"{path}: cannot be read: {error.Message.TrimEnd('.')}.");
        }
        finally
        {
            stream?.Dispose();
        }
    }

    /// <summary>Copies all of it, and no more than it was long when it was opened.</summary>
    /// <exception cref="PackageException">It became shorter meanwhile.</exception>
    public void CopyTo(Stream target)
    {
        byte[] piece = new byte[1 << 16];
        _stream.Position = 0;
        for (long left = (long)HeadBytes + Head.Manifest.ModelBytes + Head.Manifest.FramesBytes; left > 0;)
        {
            int read = Read(piece.AsSpan(0, (int)Math.Min(left, piece.Length)));
            target.Write(piece.AsSpan(0, read));
            left -= read;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private int Read(Span<byte> piece)
    {
        try
        {
            return _stream.Read(piece) is > 0 and int read ? read : throw PackageHead.Malformed(Name, "it was cut short while it was read");
        }
        catch (IOException error)
        {
            throw new PackageException(UpdateReason.Unreadable, $"{Name}: cannot be read: {error.Message.TrimEnd('.')}.");
        }
    }

    private static FileStream OpenFile(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }

        // Neither through a link, which may lead to what only root reads, nor waiting for whoever writes to a pipe.
        int file = LibC.Open(path, LibC.NonBlocking | LibC.CloseOnExec | LibC.NoFollow);
        if (file < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new IOException(error == LibC.Loop ? "it is a link; name the file itself" : Marshal.GetPInvokeErrorMessage(error));
        }

        SafeFileHandle handle = new(file, ownsHandle: true);
        try
        {
            FileStream stream = new(handle, FileAccess.Read);
            return stream.CanSeek ? stream : throw new IOException("it is no regular file");
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}
