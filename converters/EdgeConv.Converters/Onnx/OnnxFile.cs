using System.Buffers;
using EdgeConv.Converters.Onnx.Proto;
using Google.Protobuf;

namespace EdgeConv.Converters.Onnx;

/// <summary>
/// Parses an ONNX file without copying the weights, which are nearly all of it: the protobuf library gets the file without the raw data of
/// larger initializers, which then point to where it lies.
/// </summary>
internal sealed class OnnxFile
{
    // Numbers in onnx.proto.
    private const int ModelGraph = 7, GraphInitializer = 5, TensorRawData = 9;
    private const int SmallTensor = 1024;
    private static readonly MessageParser<ModelProto> _parser = ModelProto.Parser.WithDiscardUnknownFields(true);
    private readonly List<ReadOnlyMemory<byte>> _weights = [];

    /// <summary>Parses a file and shows it; its weights stay where they lie, and go afterwards.</summary>
    /// <exception cref="OnnxImportException">The file cannot be read, or is no ONNX file.</exception>
    public static T Use<T>(string path, Func<ModelProto, OnnxDataFiles, T> use)
    {
        string file = Path.GetFileName(path);
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length == 0)
            {
                throw new OnnxImportException($"{file} is empty; an ONNX network is expected.");
            }

            if (stream.Length > int.MaxValue)
            {
                throw new OnnxImportException($"{file} has {stream.Length:N0} bytes; an ONNX file ends at 2 GiB. Larger networks keep their "
                    + "weights in other files, which are read as well.");
            }

            using var bytes = new MappedFile(stream);
            using var data = new OnnxDataFiles(path);
            return use(Read(bytes.Slice(0, (int)bytes.Length), file, hasFolder: true), data);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new OnnxImportException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Parses a file.</summary>
    /// <param name="bytes">All of it; must stay while the result is used, which has its weights there.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="hasFolder">Whether weights may be in other files, which <see cref="OnnxDataFiles"/> finds.</param>
    /// <exception cref="OnnxImportException">The bytes are no ONNX file.</exception>
    public static ModelProto Read(ReadOnlyMemory<byte> bytes, string file, bool hasFolder = false)
    {
        if (bytes.IsEmpty)
        {
            throw new OnnxImportException($"{file} is empty; an ONNX network is expected.");
        }

        try
        {
            OnnxMemory.Check(bytes.Span, file, hasFolder);
            return new OnnxFile().Parse(bytes);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or FormatException)
        {
            throw new OnnxImportException($"{file} is not an ONNX file, or is cut off ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private ModelProto Parse(ReadOnlyMemory<byte> file)
    {
        var model = new ArrayBufferWriter<byte>();
        var fields = new WireFields(file.Span);
        while (fields.Next())
        {
            if (fields is { Number: ModelGraph, Type: WireFields.LengthDelimited })
            {
                Append(model, ModelGraph, Graph(file.Slice(fields.ValueStart, fields.ValueLength)));
            }
            else
            {
                model.Write(file.Span[fields.Start..fields.End]);
            }
        }

        ModelProto parsed = _parser.ParseFrom(model.WrittenSpan);
        for (int i = 0; i < _weights.Count; i++)
        {
            if (!_weights[i].IsEmpty)
            {
                parsed.Graph.Initializer[i].RawData = UnsafeByteOperations.UnsafeWrap(_weights[i]);
            }
        }

        return parsed;
    }

    private ReadOnlySpan<byte> Graph(ReadOnlyMemory<byte> message)
    {
        var graph = new ArrayBufferWriter<byte>();
        var fields = new WireFields(message.Span);
        while (fields.Next())
        {
            if (fields is { Number: GraphInitializer, Type: WireFields.LengthDelimited })
            {
                Append(graph, GraphInitializer, Tensor(message.Slice(fields.ValueStart, fields.ValueLength)));
            }
            else
            {
                graph.Write(message.Span[fields.Start..fields.End]);
            }
        }

        return graph.WrittenSpan;
    }

    private ReadOnlySpan<byte> Tensor(ReadOnlyMemory<byte> message)
    {
        _weights.Add(default);
        if (message.Length <= SmallTensor)
        {
            return message.Span;
        }

        var tensor = new ArrayBufferWriter<byte>();
        var fields = new WireFields(message.Span);
        while (fields.Next())
        {
            if (fields is { Number: TensorRawData, Type: WireFields.LengthDelimited })
            {
                _weights[^1] = message.Slice(fields.ValueStart, fields.ValueLength);   // of several the last counts
            }
            else
            {
                tensor.Write(message.Span[fields.Start..fields.End]);
            }
        }

        return tensor.WrittenSpan;
    }

    private static void Append(ArrayBufferWriter<byte> writer, int number, ReadOnlySpan<byte> message)
    {
        AppendVarint(writer, (uint)((number << 3) | WireFields.LengthDelimited));
        AppendVarint(writer, (uint)message.Length);
        writer.Write(message);
    }

    private static void AppendVarint(ArrayBufferWriter<byte> writer, uint value)
    {
        for (; value > 127; value >>= 7)
        {
            writer.Write([(byte)(value | 128)]);
        }

        writer.Write([(byte)value]);
    }
}
