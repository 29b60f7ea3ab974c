using EdgeConv.Converters.Onnx.Proto;
using Google.Protobuf;

namespace EdgeConv.Converters.Onnx;

/// <summary>An ONNX file whose inner values can be looked at: a copy that gives them as outputs.</summary>
public sealed class OnnxProbe
{
    private readonly ModelProto _model;

    private OnnxProbe(ModelProto model, string folder)
    {
        (_model, Folder) = (model, folder);
        Values = model.Graph.Node.SelectMany(node => node.Output).Where(name => name.Length > 0).ToHashSet();
    }

    /// <summary>Names of everything that the file's nodes compute.</summary>
    public IReadOnlySet<string> Values { get; }

    /// <summary>The folder from which the copy names files with weights.</summary>
    public string Folder { get; }

    /// <summary>Reads a file that <see cref="OnnxReader"/> takes.</summary>
    /// <exception cref="OnnxImportException">The file cannot be read or is no ONNX file.</exception>
    public static OnnxProbe Open(string path)
    {
        try
        {
            // Not by OnnxFile: ONNX Runtime must get the fields that we do not know as well.
            using FileStream stream = File.OpenRead(path);
            ModelProto model = ModelProto.Parser.ParseFrom(stream);
            using var data = new OnnxDataFiles(path);
            return new OnnxProbe(model, data.NameFromOneFolder(model));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxImportException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The file with these values as its outputs, in this order; the runtime infers their types.</summary>
    public byte[] WithOutputs(IEnumerable<string> values)
    {
        ModelProto copy = _model.Clone();
        copy.Graph.Output.Clear();
        copy.Graph.Output.AddRange(values.Select(name =>
            _model.Graph.Output.FirstOrDefault(output => output.Name == name) ?? new ValueInfoProto { Name = name }));
        return copy.ToByteArray();
    }
}
