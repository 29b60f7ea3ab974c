using System.IO.MemoryMappedFiles;

namespace EdgeConv.Fuzz;

/// <summary>What a worker is at, in a mapped file: it survives the worker, so that the file that ended it is known.</summary>
internal sealed class WorkerState : IDisposable
{
    private const int LargestFile = 1 << 20;
    private const int Header = 80;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public WorkerState(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, Header + LargestFile);
        _view = _file.CreateViewAccessor();
    }

    /// <summary>Files judged so far.</summary>
    public long Done { get => _view.ReadInt64(0); set => _view.Write(0, value); }

    /// <summary>Files that loaded.</summary>
    public long Loaded { get => _view.ReadInt64(8); set => _view.Write(8, value); }

    /// <summary>Files that broke the contract.</summary>
    public long Broken { get => _view.ReadInt64(16); set => _view.Write(16, value); }

    /// <summary>The longest that one took.</summary>
    public double Seconds { get => _view.ReadDouble(24); set => _view.Write(24, value); }

    /// <summary>The most memory beyond the spare that one took, in lengths of its file.</summary>
    public double Memory { get => _view.ReadDouble(32); set => _view.Write(32, value); }

    /// <summary>Branches seen.</summary>
    public long Edges { get => _view.ReadInt64(40); set => _view.Write(40, value); }

    /// <summary>Files in the corpus.</summary>
    public long Corpus { get => _view.ReadInt64(48); set => _view.Write(48, value); }

    /// <summary>Files that were added to it.</summary>
    public long Added { get => _view.ReadInt64(56); set => _view.Write(56, value); }

    /// <summary>The file being judged.</summary>
    public byte[] Current
    {
        get
        {
            var bytes = new byte[_view.ReadInt32(64)];
            _view.ReadArray(Header, bytes, 0, bytes.Length);
            return bytes;
        }

        set
        {
            _view.Write(64, Math.Min(value.Length, LargestFile));
            _view.WriteArray(Header, value, 0, Math.Min(value.Length, LargestFile));
        }
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
