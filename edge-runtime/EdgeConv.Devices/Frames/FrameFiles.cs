namespace EdgeConv.Devices.Frames;

/// <summary>Plays pictures from the disk: one file, or a folder's in the order of their names, each of them once.</summary>
public sealed class FrameFiles : IFrameSource
{
    private readonly string[] _files;
    private int _next;
    private byte[] _buffer = [];

    /// <summary>Lists the files; none is opened yet.</summary>
    /// <param name="path">A picture, or a folder that holds pictures (subfolders are left out).</param>
    /// <exception cref="FrameException">There is nothing at that path, or no picture in that folder.</exception>
    public FrameFiles(string path)
    {
        if (Directory.Exists(path))
        {
            _files = [.. Directory.EnumerateFiles(path).Where(IsPicture).Order(StringComparer.Ordinal)];
            if (_files.Length == 0)
            {
                throw new FrameException($"{path}: no picture in this folder; expected files that end in {string.Join(", ", PictureDecoder.Extensions)}.");
            }
        }
        else if (File.Exists(path))
        {
            _files = [path];
        }
        else
        {
            throw new FrameException($"{path}: no such file or folder.");
        }
    }

    /// <summary>How many pictures there are.</summary>
    public int Count => _files.Length;

    /// <inheritdoc/>
    public bool TryRead(out Frame frame)
    {
        if (_next == _files.Length)
        {
            frame = default;
            return false;
        }

        string file = _files[_next++];
        frame = new Frame(PictureDecoder.Decode(ReadAll(file), file), file) { Number = _next - 1 };
        return true;
    }

    /// <summary>Nothing is held open between frames.</summary>
    public void Dispose()
    {
    }

    private ReadOnlyMemory<byte> ReadAll(string file)
    {
        try
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            if (stream.Length > Array.MaxLength)
            {
                throw new FrameException($"{file}: {stream.Length} bytes; a picture of less than 2 GB was expected.");
            }

            int length = (int)stream.Length;
            if (_buffer.Length < length)
            {
                _buffer = new byte[length];
            }

            int read = stream.ReadAtLeast(_buffer.AsSpan(0, length), length, throwOnEndOfStream: false);
            return _buffer.AsMemory(0, read);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FrameException($"{file}: cannot be read ({error.Message})");
        }
    }

    private static bool IsPicture(string file) => PictureDecoder.Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);
}
