using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using EdgeConv.Runtime.Preprocessing;
using static EdgeConv.Runtime.Format.FormatLayout;

namespace EdgeConv.Runtime.Format;

/// <summary>What the reader found, all of it checked.</summary>
internal sealed record ModelContents(
    string Name, TensorInfo[] Tensors, ModelOperator[] Operators, int Input, int Output, int ArenaBytes,
    PreprocessingRecord? Preprocessing, string[] Labels, KeyValuePair<string, string>[] Metadata, GoldenVector[] GoldenVectors);

/// <summary>
/// Decodes a model file. Every length and offset is compared with the file before it is used, so a broken or hostile file ends in
/// <see cref="ModelFormatException"/>, never in a large allocation or a wild read; what the records mean together is checked
/// by <see cref="ModelChecks"/>.
/// </summary>
internal ref struct ModelReader
{
    private static readonly UTF8Encoding _strictUtf8 = new(false, true);
    private readonly ReadOnlySpan<byte> _file;
    private long _textBytes;

    private ModelReader(ReadOnlySpan<byte> file) => _file = file;

    /// <summary>Decodes and checks a whole file.</summary>
    public static ModelContents Read(ReadOnlySpan<byte> file)
    {
        var reader = new ModelReader(file);
        reader.CheckHeader();
        ModelContents contents = reader.ReadContents();
        ModelChecks.Check(contents, file);
        return contents;
    }

    private void CheckHeader()
    {
        if (_file.Length < HeaderBytes)
        {
            throw new ModelFormatException(0, "magic",
                $"found {_file.Length} bytes, expected a model file of at least {HeaderBytes}; the file is empty or cut off");
        }

        if (!_file.StartsWith(Magic))
        {
            throw new ModelFormatException(0, "magic", "this is not an EdgeConv model (.ecm): the first eight bytes are not EDGECONV");
        }

        ushort version = U16(Header.Version);
        if (version != FormatLayout.Version)
        {
            throw new ModelFormatException(Header.Version, "version",
                $"found format version {version}, this runtime reads {FormatLayout.Version}; convert the model again or update the runtime");
        }

        ushort rule = U16(Header.RoundingRule);
        if (rule != TwoRoundings)
        {
            throw new ModelFormatException(Header.RoundingRule, "rounding rule", $"found rule {rule}, this runtime computes rule {TwoRoundings}");
        }

        uint length = U32(Header.TotalLength);
        if (length != _file.Length)
        {
            throw new ModelFormatException(Header.TotalLength, "total length",
                $"the header says {length} bytes, found {_file.Length}; the file is cut off or has something appended");
        }

        uint found = Checksum(_file), expected = U32(Header.Crc);
        if (found != expected)
        {
            throw new ModelFormatException(Header.Crc, "crc",
                $"the checksum is 0x{found:x8}, the header says 0x{expected:x8}; the file was damaged");
        }
    }

    private ModelContents ReadContents()
    {
        (int tensors, int tensorCount) = Section(Header.Tensors, "tensors", TensorBytes, MaxTensors);
        (int operators, int operatorCount) = Section(Header.Operators, "operators", OperatorBytes, MaxOperators);
        (int labels, int labelCount) = Section(Header.Labels, "labels", StringRefBytes, MaxTexts);
        (int metadata, int metadataCount) = Section(Header.Metadata, "metadata", 2 * StringRefBytes, MaxTexts);
        CheckSizes(tensorCount, operatorCount, labelCount, metadataCount);
        uint arenaBytes = U32(Header.ArenaBytes);
        if (arenaBytes > MaxArenaBytes)
        {
            throw new ModelFormatException(Header.ArenaBytes, "arena bytes", $"found {arenaBytes}, the limit is {MaxArenaBytes}");
        }

        var infos = new TensorInfo[tensorCount];
        for (int i = 0; i < tensorCount; i++)
        {
            infos[i] = Tensor(tensors + i * TensorBytes, new FieldName("tensors", i), (int)arenaBytes);
        }

        var steps = new ModelOperator[operatorCount];
        for (int i = 0; i < operatorCount; i++)
        {
            steps[i] = Operator(operators + i * OperatorBytes, new FieldName("operators", i));
        }

        int input = TensorIndex(Header.Input, "input", infos), output = TensorIndex(Header.Output, "output", infos);
        var names = new string[labelCount];
        for (int i = 0; i < labelCount; i++)
        {
            names[i] = Text(labels + i * StringRefBytes, new FieldName("labels", i));
        }

        var facts = new KeyValuePair<string, string>[metadataCount];
        for (int i = 0; i < metadataCount; i++)
        {
            int at = metadata + i * 2 * StringRefBytes;
            facts[i] = new(Text(at, new FieldName("metadata", i, ".key")), Text(at + StringRefBytes, new FieldName("metadata", i, ".value")));
        }

        return new ModelContents(Text(Header.Name, "name"), infos, steps, input, output, (int)arenaBytes,
            Preprocessing(infos[input].Type), names, facts, GoldenVectors(infos[input].ByteLength, infos[output].ByteLength, operatorCount));
    }

    /// <summary>Sections that lay over each other would let a small file name more records than it has bytes.</summary>
    private void CheckSizes(int tensors, int operators, int labels, int metadata)
    {
        (_, int golden) = Section(Header.Golden, "golden", GoldenBytes, MaxGoldenVectors);
        long sum = HeaderBytes + ((long)tensors * TensorBytes) + ((long)operators * OperatorBytes) + ((long)labels * StringRefBytes)
            + (2L * metadata * StringRefBytes) + ((long)golden * GoldenBytes) + U32(Header.Constants + 4) + U32(Header.Strings + 4);
        Require(sum <= _file.Length, Header.Tensors, "sections", $"they have {sum} bytes in all, the file has {_file.Length}; they lie over each other");
    }

    private TensorInfo Tensor(int at, FieldName field, int arenaBytes)
    {
        byte type = _file[at + FormatLayout.Tensor.Type], storage = _file[at + FormatLayout.Tensor.Storage], rank = _file[at + FormatLayout.Tensor.Rank];
        Require(type <= (byte)ElementType.Int64, at + FormatLayout.Tensor.Type, field + ".type", $"unknown element type {type}");
        Require(storage <= (byte)TensorStorage.Constant, at + FormatLayout.Tensor.Storage, field + ".storage", $"unknown storage {storage}");
        Require(rank is >= 1 and <= 4, at + FormatLayout.Tensor.Rank, field + ".rank", $"found {rank} dimensions, expected 1 to 4");
        int[] shape = new int[rank];
        long length = 1;
        for (int i = 0; i < rank; i++)
        {
            int dimensionAt = at + FormatLayout.Tensor.Dimensions + 4 * i;
            shape[i] = I32(dimensionAt);
            Require(shape[i] >= 1, dimensionAt, field + ".dimensions", $"found dimension {shape[i]}, expected at least 1");
            length *= shape[i];
            Require(TensorInfo.ElementBytes((ElementType)type, length) <= int.MaxValue, dimensionAt, field + ".dimensions", "the tensor is larger than 2 GiB");
        }

        long bytes = TensorInfo.ElementBytes((ElementType)type, length);
        uint offset = U32(at + FormatLayout.Tensor.Offset), byteLength = U32(at + FormatLayout.Tensor.ByteLength);
        Require(byteLength == bytes, at + FormatLayout.Tensor.ByteLength, field + ".byte length", $"found {byteLength}, the shape says {bytes}");
        float scale = BinaryPrimitives.ReadSingleLittleEndian(_file[(at + FormatLayout.Tensor.Scale)..]);
        Require(float.IsFinite(scale) && scale >= 0, at + FormatLayout.Tensor.Scale, field + ".scale", $"found {scale}, expected a finite number, 0 or more");
        int zeroPoint = I32(at + FormatLayout.Tensor.ZeroPoint);
        Require(zeroPoint is >= sbyte.MinValue and <= sbyte.MaxValue, at + FormatLayout.Tensor.ZeroPoint, field + ".zero point",
            $"found {zeroPoint}, expected -128 to 127");

        if (storage == (byte)TensorStorage.Constant)
        {
            CheckConstant(at + FormatLayout.Tensor.Offset, field + ".offset", offset, byteLength);
        }
        else
        {
            Require(type is (byte)ElementType.Int8 or (byte)ElementType.Int16, at + FormatLayout.Tensor.Type, field + ".type", "activations are int8 or int16");
            Require(type == (byte)ElementType.Int8 || zeroPoint == 0, at + FormatLayout.Tensor.ZeroPoint, field + ".zero point", "that of int16 is 0");
            Require((ulong)offset + byteLength <= (ulong)arenaBytes, at + FormatLayout.Tensor.Offset, field + ".offset",
                $"the slot {offset}..{(ulong)offset + byteLength} is outside the arena of {arenaBytes} bytes");
        }

        return new TensorInfo(
            Text(at, field + ".name"), (ElementType)type, (TensorStorage)storage, shape, scale, zeroPoint, (int)offset);
    }

    private ModelOperator Operator(int at, FieldName field)
    {
        ushort code = U16(at + FormatLayout.Operator.Code), count = U16(at + FormatLayout.Operator.ArgumentCount);
        int expected = OperatorCodec.ArgumentCount(code);
        Require(expected >= 0, at + FormatLayout.Operator.Code, field + ".code", $"unknown operator {code}; update the runtime");
        Require(count == expected, at + FormatLayout.Operator.ArgumentCount, field + ".argument count", $"found {count}, expected {expected}");
        Span<int> arguments = stackalloc int[OperatorArguments];
        arguments = arguments[..expected];
        for (int i = 0; i < expected; i++)
        {
            arguments[i] = I32(at + FormatLayout.Operator.Arguments + 4 * i);
        }

        return OperatorCodec.Decode(code, Text(at, field + ".name"), arguments);
    }

    private PreprocessingRecord? Preprocessing(ElementType input)
    {
        (int at, int count) = Section(Header.Preprocessing, "preprocessing", PreprocessingHeaderBytes, 1);
        if (count == 0)
        {
            return null;
        }

        (int width, int height) = (I32(at), I32(at + 4));
        (byte color, byte crop, byte resize) = (_file[at + 8], _file[at + 9], _file[at + 10]);
        Require(width is >= 1 and <= MaxWindowField, at, "preprocessing.width", $"found {width}, expected 1 to {MaxWindowField}");
        Require(height is >= 1 and <= MaxWindowField, at + 4, "preprocessing.height", $"found {height}, expected 1 to {MaxWindowField}");
        Require(color <= (byte)ColorOrder.Bgr, at + 8, "preprocessing.color", $"unknown colour order {color}");
        Require(crop <= (byte)Crop.Center, at + 9, "preprocessing.crop", $"unknown crop rule {crop}");
        Require(resize <= (byte)Resize.Nearest, at + 10, "preprocessing.resize", $"unknown resize rule {resize}");
        var layout = new PictureLayout(width, height, (ColorOrder)color, (Crop)crop, (Resize)resize);
        int tables = at + PreprocessingHeaderBytes, length = (int)TensorInfo.ElementBytes(input, 256 * layout.Channels);
        Require(tables <= _file.Length - length, at, "preprocessing.tables", "the tables end beyond the file");
        return new PreprocessingRecord(layout, MemoryMarshal.Cast<byte, sbyte>(_file.Slice(tables, length)).ToArray());
    }

    private GoldenVector[] GoldenVectors(int inputLength, int outputLength, int operatorCount)
    {
        (int start, int count) = Section(Header.Golden, "golden", GoldenBytes, MaxGoldenVectors);
        Require(count * ((long)inputLength + outputLength + 4L * operatorCount) <= _file.Length, Header.Golden, "golden",
            $"{count} golden vectors do not fit the file");
        var vectors = new GoldenVector[count];
        for (int i = 0; i < count; i++)
        {
            int at = start + i * GoldenBytes;
            (uint input, uint output, uint hashes) = (U32(at), U32(at + 4), U32(at + 8));
            CheckConstant(at, new FieldName("golden", i, ".input"), input, (uint)inputLength);
            CheckConstant(at + 4, new FieldName("golden", i, ".output"), output, (uint)outputLength);
            CheckConstant(at + 8, new FieldName("golden", i, ".hashes"), hashes, 4 * (uint)operatorCount);
            uint[] layerHashes = new uint[operatorCount];
            for (int j = 0; j < operatorCount; j++)
            {
                layerHashes[j] = U32((int)hashes + 4 * j);
            }

            vectors[i] = new GoldenVector(
                MemoryMarshal.Cast<byte, sbyte>(_file.Slice((int)input, inputLength)).ToArray(),
                MemoryMarshal.Cast<byte, sbyte>(_file.Slice((int)output, outputLength)).ToArray(), layerHashes);
        }

        return vectors;
    }

    private (int Offset, int Count) Section(int field, FieldName name, int recordBytes, int limit = int.MaxValue)
    {
        uint offset = U32(field), count = U32(field + 4);
        Require(count <= limit, field + 4, name + ".count", $"found {count}, the limit is {limit}");
        ulong end = offset + (ulong)count * (uint)recordBytes;
        Require(count == 0 || (offset >= HeaderBytes && end <= (ulong)_file.Length), field, name + ".offset",
            $"the section {offset}..{end} is outside the file of {_file.Length} bytes");
        return ((int)offset, (int)count);
    }

    private void CheckConstant(int at, FieldName field, uint offset, uint length)
    {
        uint start = U32(Header.Constants), size = U32(Header.Constants + 4);
        Require((ulong)start + size <= (ulong)_file.Length, Header.Constants, "constants", "the section ends beyond the file");
        Require(offset >= start && (ulong)offset + length <= (ulong)start + size, at, field,
            $"the bytes {offset}..{(ulong)offset + length} are outside the constants {start}..{(ulong)start + size}");
        Require(offset % ConstantAlignment == 0, at, field, $"the offset {offset} is not a multiple of {ConstantAlignment}");
    }

    private int TensorIndex(int at, FieldName field, TensorInfo[] tensors)
    {
        int index = I32(at);
        Require((uint)index < (uint)tensors.Length, at, field, $"tensor {index} does not exist, there are {tensors.Length}");
        return index;
    }

    private string Text(int at, FieldName field)
    {
        uint start = U32(Header.Strings), size = U32(Header.Strings + 4), offset = U32(at), length = U32(at + 4);
        Require((ulong)start + size <= (ulong)_file.Length, Header.Strings, "strings", "the section ends beyond the file");
        Require((ulong)offset + length <= size, at, field, "the string ends beyond the strings section");
        _textBytes += length;
        Require(_textBytes <= size, at, field, "the strings are longer in all than their section");
        try
        {
            return _strictUtf8.GetString(_file.Slice((int)(start + offset), (int)length));
        }
        catch (DecoderFallbackException)
        {
            throw new ModelFormatException(at, field.ToString(), "the string is not UTF-8");
        }
    }

    private static void Require(bool condition, int at, FieldName field, string message)
    {
        if (!condition)
        {
            throw new ModelFormatException(at, field.ToString(), message);
        }
    }

    private static void Require(
        bool condition, int at, FieldName field, [InterpolatedStringHandlerArgument(nameof(condition))] ref Complaint message)
    {
        if (!condition)
        {
            throw new ModelFormatException(at, field.ToString(), message.Text());
        }
    }

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_file[at..]);

    private uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_file[at..]);

    private int I32(int at) => BinaryPrimitives.ReadInt32LittleEndian(_file[at..]);
}
