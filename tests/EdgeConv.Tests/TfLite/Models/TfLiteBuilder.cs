using System.Runtime.InteropServices;
using EdgeConv.Converters.TfLite.Schema;
using Google.FlatBuffers;

namespace EdgeConv.Tests.TfLite.Models;

/// <summary>Writes .tflite files: tensors and operators in, a FlatBuffer out.</summary>
internal sealed class TfLiteBuilder
{
    private const int Version = 3;

    private readonly List<TensorSpec> _tensors = [];
    private readonly List<OperatorSpec> _operators = [];

    /// <summary>Buffers by name that go beside the network.</summary>
    public Dictionary<string, byte[]> Metadata { get; } = [];

    /// <summary>Number of subgraphs; those behind the first are empty.</summary>
    public int Subgraphs { get; init; } = 1;

    /// <summary>A tensor of any kind; the number that operators name it by.</summary>
    public int Tensor(TensorSpec tensor)
    {
        _tensors.Add(tensor);
        return _tensors.Count - 1;
    }

    /// <summary>A constant of whole numbers.</summary>
    public int Integers(string name, params int[] values) => Tensor(new TensorSpec(name, TensorType.Int32, [values.Length])
    {
        Data = MemoryMarshal.AsBytes<int>(values).ToArray(),
    });

    /// <summary>An operator.</summary>
    public void Operator(string kind, int[] inputs, int[] outputs, OperatorOptions? options = null) =>
        _operators.Add(new OperatorSpec(kind, inputs, outputs, options));

    /// <summary>The tensors that were added.</summary>
    public IReadOnlyList<TensorSpec> Tensors => _tensors;

    /// <summary>The operators that were added.</summary>
    public IReadOnlyList<OperatorSpec> Operators => _operators;

    /// <summary>The file.</summary>
    public byte[] Build(int[] inputs, int[] outputs)
    {
        var b = new FlatBufferBuilder(1 << 12) { ForceDefaults = true };
        var buffers = new List<int> { Buffer(b, []) };
        int[] tensors = [.. _tensors.Select(t => Tensor(b, t, buffers))];
        string[] kinds = [.. _operators.Select(o => o.Kind).Distinct()];
        int[] operators = [.. _operators.Select(o => Operator(b, o, Array.IndexOf(kinds, o.Kind)))];
        int graph = Graph(b, Offsets(b, tensors), Ints(b, inputs), Ints(b, outputs), Offsets(b, operators), b.CreateString("main").Value);
        int[] graphs = [graph, .. Enumerable.Range(1, Subgraphs - 1).Select(_ => Graph(b, 0, 0, 0, 0, 0))];
        int[] metadata = [.. Metadata.Select(m => Entry(b, m.Key, m.Value, buffers))];
        int graphVector = Offsets(b, graphs), codes = Offsets(b, [.. kinds.Select(k => Code(b, k))]);
        int bufferVector = Offsets(b, [.. buffers]), metadataVector = Offsets(b, metadata);
        b.StartTable(8);
        b.AddUint(ModelFields.Version, Version, 0);
        b.AddOffset(ModelFields.OperatorCodes, codes, 0);
        b.AddOffset(ModelFields.Subgraphs, graphVector, 0);
        b.AddOffset(ModelFields.Buffers, bufferVector, 0);
        b.AddOffset(ModelFields.Metadata, metadataVector, 0);
        b.Finish(b.EndTable(), "TFL3");
        return b.SizedByteArray();
    }

    private static int Graph(FlatBufferBuilder b, int tensors, int inputs, int outputs, int operators, int name)
    {
        b.StartTable(6);
        b.AddOffset(GraphFields.Tensors, tensors, 0);
        b.AddOffset(GraphFields.Inputs, inputs, 0);
        b.AddOffset(GraphFields.Outputs, outputs, 0);
        b.AddOffset(GraphFields.Operators, operators, 0);
        b.AddOffset(GraphFields.Name, name, 0);
        return b.EndTable();
    }

    private static int Tensor(FlatBufferBuilder b, TensorSpec tensor, List<int> buffers)
    {
        int quantization = tensor.Scales.Length == 0 ? 0 : Quantization(b, tensor);
        int name = b.CreateString(tensor.Name).Value, shape = Ints(b, tensor.Shape);
        int buffer = 0;
        if (tensor.Data.Length > 0)
        {
            buffer = buffers.Count;
            buffers.Add(Buffer(b, tensor.Data));
        }

        b.StartTable(11);
        b.AddOffset(TensorFields.Shape, shape, 0);
        b.AddSbyte(TensorFields.Type, (sbyte)tensor.Type, 0);
        b.AddUint(TensorFields.Buffer, (uint)buffer, 0);
        b.AddOffset(TensorFields.Name, name, 0);
        b.AddOffset(TensorFields.Quantization, quantization, 0);
        b.AddBool(TensorFields.IsVariable, tensor.IsVariable, false);
        return b.EndTable();
    }

    private static int Quantization(FlatBufferBuilder b, TensorSpec tensor)
    {
        int scales = Vector(b, tensor.Scales, sizeof(float)), zeroPoints = Vector(b, tensor.ZeroPoints, sizeof(long));
        b.StartTable(7);
        b.AddOffset(QuantizationFields.Scales, scales, 0);
        b.AddOffset(QuantizationFields.ZeroPoints, zeroPoints, 0);
        b.AddInt(QuantizationFields.Dimension, tensor.Dimension, 0);
        return b.EndTable();
    }

    private static int Operator(FlatBufferBuilder b, OperatorSpec op, int code)
    {
        int options = op.Options?.Write(b) ?? 0;
        int inputs = Ints(b, op.Inputs), outputs = Ints(b, op.Outputs);
        b.StartTable(6);
        b.AddUint(OperatorFields.Code, (uint)code, 0);
        b.AddOffset(OperatorFields.Inputs, inputs, 0);
        b.AddOffset(OperatorFields.Outputs, outputs, 0);
        b.AddByte(OperatorFields.OptionsKind, (byte)(op.Options?.Kind ?? 0), 0);
        b.AddOffset(OperatorFields.Options, options, 0);
        return b.EndTable();
    }

    private static int Code(FlatBufferBuilder b, string kind)
    {
        int number = OperatorNames.Code(kind);
        b.StartTable(4);
        b.AddSbyte(CodeFields.Old, (sbyte)Math.Min(number, sbyte.MaxValue), 0);
        b.AddInt(CodeFields.Code, number, 0);
        return b.EndTable();
    }

    private static int Buffer(FlatBufferBuilder b, byte[] data)
    {
        int vector = 0;
        if (data.Length > 0)
        {
            b.StartVector(1, data.Length, 16);
            b.Put(data);
            vector = b.EndVector().Value;
        }

        b.StartTable(3);
        b.AddOffset(BufferFields.Data, vector, 0);
        return b.EndTable();
    }

    private static int Entry(FlatBufferBuilder b, string name, byte[] data, List<int> buffers)
    {
        int text = b.CreateString(name).Value;
        buffers.Add(Buffer(b, data));
        b.StartTable(2);
        b.AddOffset(MetadataFields.Name, text, 0);
        b.AddUint(MetadataFields.Buffer, (uint)buffers.Count - 1, 0);
        return b.EndTable();
    }

    private static int Ints(FlatBufferBuilder b, int[] values) => Vector(b, values, sizeof(int));

    private static int Vector<T>(FlatBufferBuilder b, T[] values, int size)
        where T : struct
    {
        b.StartVector(size, values.Length, size);
        if (values.Length > 0)
        {
            b.Put(values);
        }

        return b.EndVector().Value;
    }

    private static int Offsets(FlatBufferBuilder b, int[] offsets)
    {
        b.StartVector(sizeof(int), offsets.Length, sizeof(int));
        foreach (int offset in Enumerable.Reverse(offsets))
        {
            b.AddOffset(offset);
        }

        return b.EndVector().Value;
    }
}
