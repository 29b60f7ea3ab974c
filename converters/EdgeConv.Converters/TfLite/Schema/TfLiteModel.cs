namespace EdgeConv.Converters.TfLite.Schema;

/// <summary>What a .tflite file says, before anything is judged: the tables and fields of TFLite's schema (version 3) that matter here.</summary>
/// <param name="File">The bytes that they lie in.</param>
/// <param name="Name">Of the network, or nothing.</param>
/// <param name="Tensors">By number.</param>
/// <param name="Operators">In the order in which they run.</param>
/// <param name="Inputs">Tensors that the caller writes.</param>
/// <param name="Outputs">Tensors that the caller reads.</param>
/// <param name="Metadata">Buffers by name.</param>
internal sealed record TfLiteModel(FlatFile File, string Name, IReadOnlyList<TfLiteTensor> Tensors, IReadOnlyList<TfLiteOperator> Operators,
    int[] Inputs, int[] Outputs, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Metadata)
{
    private const int SchemaVersion = 3;
    private const int MostTensors = 1 << 16, MostOperators = 1 << 14, MostNames = 1 << 10;
    private const int RecordBytes = 128;   // about what one of the records below takes
    private const int IdentifierAt = 4;

    private static ReadOnlySpan<byte> Identifier => "TFL3"u8;

    /// <summary>Reads the tables.</summary>
    /// <exception cref="TfLiteImportException">The bytes are no such file.</exception>
    public static TfLiteModel Read(byte[] bytes, string name)
    {
        if (bytes.Length < IdentifierAt + Identifier.Length || !bytes.AsSpan(IdentifierAt, Identifier.Length).SequenceEqual(Identifier))
        {
            throw new TfLiteImportException($"{name} is not a TFLite file ({bytes.Length} bytes, without the mark TFL3 at byte 4). "
                + "Name a .tflite file that a TensorFlow Lite converter has written.");
        }

        var file = new FlatFile(bytes, name);
        FlatTable model = file.Root();
        if (model.UInt(ModelFields.Version) is var version and not SchemaVersion)
        {
            throw new TfLiteImportException($"{name} has schema version {version}; version {SchemaVersion} is supported. "
                + "Convert the network again with a current TensorFlow Lite converter.");
        }

        int graphs = model.Count(ModelFields.Subgraphs);
        if (graphs != 1)
        {
            throw new TfLiteImportException($"{name} has {graphs} subgraphs (control flow, or several signatures); networks of one are "
                + "supported. Convert a single function without IF, WHILE or CALL.");
        }

        FlatTable graph = model.Element(ModelFields.Subgraphs, 0);
        string[] kinds = [.. model.Elements(ModelFields.OperatorCodes, MostOperators, "kinds of operators").Select(Kind)];
        Buffers buffers = new(file, model);
        var names = new UniqueNames();
        TfLiteTensor[] tensors = [.. graph.Elements(GraphFields.Tensors, MostTensors, "tensors")
            .Select((t, i) => Tensor(file, t, i, buffers, names))];
        TfLiteOperator[] operators = [.. graph.Elements(GraphFields.Operators, MostOperators, "operators")
            .Select((o, i) => Operator(file, o, i, kinds, tensors.Length))];
        return new TfLiteModel(file, UniqueNames.Printable(graph.Text(GraphFields.Name)), tensors, operators,
            Indices(file, graph.Ints(GraphFields.Inputs), tensors.Length), Indices(file, graph.Ints(GraphFields.Outputs), tensors.Length),
            MetadataOf(model, buffers));
    }

    private static string Kind(FlatTable code)
    {
        // Numbers from 127 on do not fit the byte that files had at first; the larger of both fields counts.
        int number = Math.Max(code.Byte(CodeFields.Old), code.Int(CodeFields.Code));
        string kind = OperatorNames.Of(number);
        return kind == "CUSTOM" ? $"CUSTOM {UniqueNames.Printable(code.Text(CodeFields.Custom))}" : kind;
    }

    private static TfLiteTensor Tensor(FlatFile file, FlatTable table, int index, Buffers buffers, UniqueNames names)
    {
        file.Charge(RecordBytes);
        string name = names.Add(table.Text(TensorFields.Name), $"tensor_{index}");
        FlatTable? quantization = table.Table(TensorFields.Quantization);
        string? oddity = table.Has(TensorFields.Sparsity) ? "is sparse"
            : table.UInt(TensorFields.ExternalBuffer) != 0 ? "has its elements in another file"
            : table.Bool(TensorFields.IsVariable) ? "keeps its value from one run to the next"
            : quantization?.Byte(QuantizationFields.DetailsKind) is not (null or 0) ? "has scales of another kind than one a tensor or channel"
            : null;
        return new TfLiteTensor(index, name, (TensorType)table.Byte(TensorFields.Type), table.Ints(TensorFields.Shape),
            oddity is null ? buffers[table.UInt(TensorFields.Buffer)] : default,
            quantization?.Floats(QuantizationFields.Scales) ?? [], quantization?.Longs(QuantizationFields.ZeroPoints) ?? [],
            quantization?.Int(QuantizationFields.Dimension) ?? 0, oddity);
    }

    private static TfLiteOperator Operator(FlatFile file, FlatTable table, int index, string[] kinds, int tensors)
    {
        file.Charge(RecordBytes);
        uint code = table.UInt(OperatorFields.Code);
        return code < kinds.Length
            ? new TfLiteOperator(index, kinds[code], Indices(file, table.Ints(OperatorFields.Inputs), tensors),
                Indices(file, table.Ints(OperatorFields.Outputs), tensors), table.Table(OperatorFields.Options))
            : throw new TfLiteImportException(
                $"{file.Name} is damaged: operator {index} is of kind {code}, of which there are {kinds.Length}. Copy or convert it again.");
    }

    private static int[] Indices(FlatFile file, int[] indices, int count) => indices.All(i => i >= -1 && i < count)
        ? indices
        : throw new TfLiteImportException($"{file.Name} is damaged: it names tensor {indices.First(i => i < -1 || i >= count)}, of which "
            + $"there are {count}. Copy or convert it again.");

    private static Dictionary<string, ReadOnlyMemory<byte>> MetadataOf(FlatTable model, Buffers buffers)
    {
        Dictionary<string, ReadOnlyMemory<byte>> metadata = [];
        foreach (FlatTable entry in model.Elements(ModelFields.Metadata, MostNames, "metadata entries"))
        {
            metadata[entry.Text(MetadataFields.Name)] = buffers[entry.UInt(MetadataFields.Buffer)];
        }

        return metadata;
    }

    /// <summary>The constants' bytes, where they lie in the file.</summary>
    private sealed class Buffers(FlatFile file, FlatTable model)
    {
        private readonly int _count = model.Count(ModelFields.Buffers);

        public ReadOnlyMemory<byte> this[uint index]
        {
            get
            {
                if (index >= _count)
                {
                    // A tensor without a buffer has number 0, which a file without buffers does not have.
                    return index == 0 ? default
                        : throw new TfLiteImportException($"{file.Name} is damaged: it names buffer {index}, of which there are {_count}. "
                            + "Copy or convert it again.");
                }

                FlatTable buffer = model.Element(ModelFields.Buffers, (int)index);
                ulong offset = buffer.ULong(BufferFields.Offset), size = buffer.ULong(BufferFields.Size);
                if (offset <= 1)
                {
                    return buffer.Bytes(BufferFields.Data);
                }

                ulong length = (ulong)file.Bytes.Length;
                return size <= length && offset <= length - size
                    ? file.Bytes.AsMemory((int)offset, (int)size)
                    : throw new TfLiteImportException($"{file.Name} is cut off: buffer {index} has {size} bytes from byte {offset} on, the "
                        + $"file ends at {length}. Copy or convert it again.");
            }
        }
    }
}
