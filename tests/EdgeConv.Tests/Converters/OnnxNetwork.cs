using System.Runtime.InteropServices;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Onnx.Proto;
using Google.Protobuf;
using static EdgeConv.Converters.Onnx.Proto.AttributeProto.Types;
using static EdgeConv.Converters.Onnx.Proto.TensorProto.Types;

namespace EdgeConv.Tests.Converters;

/// <summary>Puts ONNX files together node by node, as other exporters would.</summary>
internal sealed class OnnxNetwork
{
    private readonly GraphProto _graph = new() { Name = "test" };
    private readonly int _opset;
    private string _last = "x";

    public OnnxNetwork(int opset, params object[] inputShape)
    {
        _opset = opset;
        _graph.Input.Add(Describe("x", inputShape));
    }

    /// <summary>Name of the last result.</summary>
    public string Last => _last;

    /// <summary>Continues from an earlier result.</summary>
    public OnnxNetwork From(string value)
    {
        _last = value;
        return this;
    }

    /// <summary>Adds a node on the last result.</summary>
    public OnnxNetwork Node(string type, object[]? constants = null, params (string Name, object Value)[] attributes)
    {
        string output = $"y{_graph.Node.Count}";
        string name = $"{type.ToLowerInvariant()}{_graph.Node.Count}";
        (string domain, string plain) = type.LastIndexOf('.') is > 0 and var dot ? (type[..dot], type[(dot + 1)..]) : ("", type);
        var node = new NodeProto { OpType = plain, Domain = domain, Name = name, Input = { _last }, Output = { output } };
        node.Input.AddRange((constants ?? []).Select(c => c as string ?? Constant(c)));
        node.Attribute.AddRange(attributes.Select(a => Attribute(a.Name, a.Value)));
        return Node(node);
    }

    /// <summary>Adds a node as it is; its first output is what the next one reads.</summary>
    public OnnxNetwork Node(NodeProto node)
    {
        _graph.Node.Add(node);
        _last = node.Output[0];
        return this;
    }

    /// <summary>Adds a constant: an array of floats or integers, and its shape.</summary>
    public string Constant(object constant)
    {
        string name = $"c{_graph.Initializer.Count}";
        (DataType type, byte[] bytes, int[] shape) = constant switch
        {
            (float[] f, int[] s) => (DataType.Float, MemoryMarshal.AsBytes<float>(f).ToArray(), s),
            (long[] l, int[] s) => (DataType.Int64, MemoryMarshal.AsBytes<long>(l).ToArray(), s),
            (int[] i, int[] s) => (DataType.Int32, MemoryMarshal.AsBytes<int>(i).ToArray(), s),
            ValueTuple<sbyte[], int[]>(var i, var s) => (DataType.Int8, MemoryMarshal.AsBytes<sbyte>(i).ToArray(), s),
            ValueTuple<byte[], int[]>(var b, var s) => (DataType.Uint8, b, s),
            _ => throw new ArgumentException($"{constant}"),
        };
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.AddRange(shape.Select(d => (long)d));
        _graph.Initializer.Add(tensor);
        return name;
    }

    public ModelProto Build()
    {
        _graph.Output.Clear();
        _graph.Output.Add(Describe(_last, null));
        OperatorSetIdProto[] sets = [new() { Version = _opset }, new() { Domain = "com.microsoft", Version = 1 }];
        return new ModelProto { IrVersion = 7, Graph = _graph, OpsetImport = { sets } };
    }

    public Graph Import() => OnnxReader.Import(Build(), "test.onnx");

    public byte[] ToBytes() => Build().ToByteArray();

    private static AttributeProto Attribute(string name, object value) => value switch
    {
        int i => new() { Name = name, I = i, Type = AttributeType.Int },
        float f => new() { Name = name, F = f, Type = AttributeType.Float },
        string s => new() { Name = name, S = ByteString.CopyFromUtf8(s), Type = AttributeType.String },
        long[] l => new() { Name = name, Ints = { l }, Type = AttributeType.Ints },
        TensorProto t => new() { Name = name, T = t, Type = AttributeType.Tensor },
        _ => throw new ArgumentException($"{value}"),
    };

    private static ValueInfoProto Describe(string name, object[]? shape)
    {
        TensorShapeProto? proto = shape is null ? null : new();
        proto?.Dim.AddRange(shape!.Select(d => d is int i
            ? new TensorShapeProto.Types.Dimension { DimValue = i }
            : new TensorShapeProto.Types.Dimension { DimParam = $"{d}" }));
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = proto };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
