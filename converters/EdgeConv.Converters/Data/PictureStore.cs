using System.IO.MemoryMappedFiles;

namespace EdgeConv.Converters.Data;

/// <summary>
/// Pictures of one size, end to end: in memory while they are few, in a temporary file that is mapped into memory when they are many, so
/// that the system keeps as much of them in RAM as it can spare. Each place is written once, by one thread.
/// </summary>
internal abstract unsafe class PictureStore : IDisposable
{
    /// <summary>Room for some pictures.</summary>
    /// <param name="count">How many.</param>
    /// <param name="size">Bytes of each.</param>
    /// <param name="memory">Most that may lie in memory.</param>
    /// <exception cref="DataSetException">Neither memory nor disk has the room.</exception>
    public static PictureStore Create(int count, int size, long memory) =>
        (long)count * size <= memory ? new InMemory(count, size) : new InFile(count, size);

    /// <summary>The bytes of a picture, to read or to write.</summary>
    public abstract Span<byte> this[int index] { get; }

    /// <inheritdoc/>
    public abstract void Dispose();

    private sealed class InMemory(int count, int size) : PictureStore
    {
        private readonly byte[]?[] _pictures = new byte[count][];

        public override Span<byte> this[int index] => _pictures[index] ??= new byte[size];

        public override void Dispose()
        {
        }
    }

    private sealed class InFile : PictureStore
    {
        private readonly int _size;
        private readonly MemoryMappedFile _file;
        private readonly MemoryMappedViewAccessor _view;
        private readonly byte* _first;

        public InFile(int count, int size)
        {
            _size = size;
            string path = Path.Combine(Path.GetTempPath(), $"edgeconv-{Guid.NewGuid():N}.pictures");
            long bytes = (long)count * size;
            try
            {
                long free = new DriveInfo(Path.GetTempPath()).AvailableFreeSpace;
                if (free < bytes) throw new IOException($"{free >> 20} MB are free");
                var stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 4096, FileOptions.DeleteOnClose);
                _file = MemoryMappedFile.CreateFromFile(
                    stream, null, bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
                _view = _file.CreateViewAccessor();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new DataSetException(
                    $"{count} pictures need {bytes >> 20} MB in {Path.GetTempPath()}: {e.Message}. Use fewer or smaller pictures, or another TMPDIR.", e);
            }
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _first);
        }

        public override Span<byte> this[int index] => new(_first + (long)index * _size, _size);

        public override void Dispose()
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }
}
