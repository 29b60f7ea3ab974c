using EdgeConv.Converters.Onnx.Proto;
using Google.Protobuf;

namespace EdgeConv.Converters.Onnx;

/// <summary>
/// The files beside an ONNX file that have its weights, as the newer exporters write them. Each is mapped once; none is read that lies
/// elsewhere, since a file from somebody else could name any.
/// </summary>
/// <param name="path">The ONNX file.</param>
internal sealed class OnnxDataFiles(string path) : IDisposable
{
    private const int MostBytes = int.MaxValue - 1024;
    private readonly string _file = Path.GetFileName(path);
    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
    private readonly Dictionary<string, string> _found = [];
    private readonly SortedDictionary<string, MappedFile> _mapped = new(StringComparer.Ordinal);

    /// <summary>Full paths of those that were needed, without links, in order.</summary>
    public IReadOnlyCollection<string> Paths => _mapped.Keys;

    /// <summary>Gives every tensor its data, which stays where it lies and goes when this is disposed.</summary>
    /// <exception cref="OnnxImportException">A file is missing, too short or elsewhere.</exception>
    public void Attach(ModelProto model)
    {
        foreach (TensorProto tensor in Tensors(model).Where(ExternalData.IsIn))
        {
            tensor.RawData = UnsafeByteOperations.UnsafeWrap(Find(tensor));
            tensor.ExternalData.Clear();
            tensor.DataLocation = TensorProto.Types.DataLocation.Default;
        }
    }

    /// <summary>Names the data files by paths without links from one folder, for an engine that reads the network from memory.</summary>
    /// <returns>That folder.</returns>
    /// <exception cref="OnnxImportException">A file is missing or elsewhere.</exception>
    public string NameFromOneFolder(ModelProto model)
    {
        TensorProto[] outside = [.. Tensors(model).Where(ExternalData.IsIn)];
        string[] files = [.. outside.Select(tensor => Locate(ExternalData.Of(tensor, _file).Location))];
        string folder = Array.Find(Folders(), folder => Array.TrueForAll(files, file => RealPath.IsInside(file, folder))) ?? _folder;
        foreach ((TensorProto tensor, string file) in outside.Zip(files))
        {
            tensor.ExternalData.Last(entry => entry.Key == "location").Value = Path.GetRelativePath(folder, file);
        }

        return folder;
    }

    /// <summary>Where a data file really lies.</summary>
    /// <exception cref="OnnxImportException">It is missing, or a link leads out of the folder.</exception>
    public string Locate(string location)
    {
        if (_found.TryGetValue(location, out string? known))
        {
            return known;
        }

        string named = Path.Combine(_folder, location), real = RealPath.Of(named);
        if (!File.Exists(real))
        {
            throw new OnnxImportException($"{_file} has its weights in another file, '{location}', and there is no {named}. The two belong together: "
                + "put that file there, under that name.");
        }

        if (!Array.Exists(Folders(), folder => RealPath.IsInside(real, folder)))
        {
            throw new OnnxImportException($"{_file} has its weights in another file, '{location}', which is a link out of the folder, to {real}. "
                + "Only a file in the folder itself is read: copy it there.");
        }

        return _found[location] = real;
    }

    // A cache may keep the network and its weights as links into another folder: what lies beside the network there is as good.
    private string[] Folders() => [RealPath.Of(_folder), Path.GetDirectoryName(RealPath.Of(path))!];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (MappedFile file in _mapped.Values)
        {
            file.Dispose();
        }
    }

    /// <summary>All tensors of a file, those of constant nodes as well.</summary>
    internal static IEnumerable<TensorProto> Tensors(ModelProto model) => model.Graph is not { } graph ? []
        : graph.Initializer.Concat(graph.Node.SelectMany(node => node.Attribute).Select(attribute => attribute.T).OfType<TensorProto>());

    private ReadOnlyMemory<byte> Find(TensorProto tensor)
    {
        ExternalData data = ExternalData.Of(tensor, _file);
        MappedFile file = Map(data.Location);
        long length = data.Length ?? (file.Length - data.Offset);
        if (length < 0 || data.Offset > file.Length - length)
        {
            throw new OnnxImportException($"{_file}: the data of '{tensor.Name}' should be {(data.Length is { } bytes ? $"{bytes:N0} bytes " : "")}at byte "
                + $"{data.Offset:N0} of {data.Location}, which has {file.Length:N0} bytes. It is cut off, or from another export: the two files belong together.");
        }

        return length <= MostBytes
            ? file.Slice(data.Offset, (int)length)
            : throw new OnnxImportException($"{_file}: the data of '{tensor.Name}' has {length:N0} bytes; a tensor of less than 2 GiB is supported.");
    }

    private MappedFile Map(string location)
    {
        try
        {
            string real = Locate(location);
            if (!_mapped.TryGetValue(real, out MappedFile? file))
            {
                // A pipe has no length either, and opening it would wait for ever.
                file = new FileInfo(real).Length == 0 ? MappedFile.Empty : new MappedFile(File.OpenRead(real));
                _mapped[real] = file;
            }

            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new OnnxImportException($"{_file} has its weights in another file, '{location}', which cannot be read: {e.Message}", e);
        }
    }
}
