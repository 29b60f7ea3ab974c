using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using EdgeConv.Runtime.Preprocessing;
using static EdgeConv.Runtime.Format.FormatLayout;

namespace EdgeConv.Runtime.Format;

/// <summary>Writes a model file; the layout is FORMAT.md beside this file.</summary>
public static class ModelWriter
{
    /// <summary>The bytes of the file. The same specification gives the same bytes.</summary>
    /// <exception cref="ModelFormatException">The specification is not a model that the reader would accept.</exception>
    public static byte[] Write(ModelSpec spec)
    {
        byte[] file = new Builder(spec).Build();
        using Model check = Model.Load(file);
        return file;
    }

    private sealed class Builder(ModelSpec spec)
    {
        private readonly MemoryStream _strings = new();
        private readonly List<(int Offset, ReadOnlyMemory<byte> Data)> _constants = [];
        private int _constantBytes;

        public byte[] Build()
        {
            (int tensors, int operators) = (HeaderBytes, HeaderBytes + spec.Tensors.Count * TensorBytes);
            int golden = operators + spec.Operators.Count * OperatorBytes;
            int labels = golden + spec.GoldenVectors.Count * GoldenBytes;
            int metadata = labels + spec.Labels.Count * StringRefBytes;
            int preprocessing = metadata + spec.Metadata.Count * 2 * StringRefBytes;
            int preprocessingBytes = spec.Preprocessing is { } p ? PreprocessingHeaderBytes + p.Tables.Length : 0;
            int constants = Align(preprocessing + preprocessingBytes);

            byte[] name = Text(spec.Name);
            List<byte[]> records = [];
            records.AddRange(spec.Tensors.Select(t => Tensor(t, constants)));
            records.AddRange(spec.Operators.Select(Operator));
            records.AddRange(spec.GoldenVectors.Select(g => Golden(g, constants)));
            records.AddRange(spec.Labels.Select(Text));
            records.AddRange(spec.Metadata.SelectMany(m => new[] { Text(m.Key), Text(m.Value) }));
            if (spec.Preprocessing is { } record)
            {
                records.Add(Preprocessing(record));
            }

            int strings = constants + _constantBytes;
            byte[] file = new byte[strings + (int)_strings.Length];
            WriteHeader(file, name);
            Section(file, Header.Tensors, tensors, spec.Tensors.Count);
            Section(file, Header.Operators, operators, spec.Operators.Count);
            Section(file, Header.Golden, golden, spec.GoldenVectors.Count);
            Section(file, Header.Labels, labels, spec.Labels.Count);
            Section(file, Header.Metadata, metadata, spec.Metadata.Count);
            Section(file, Header.Preprocessing, preprocessing, spec.Preprocessing is null ? 0 : 1);
            Section(file, Header.Constants, constants, _constantBytes);
            Section(file, Header.Strings, strings, (int)_strings.Length);
            int at = HeaderBytes;
            foreach (byte[] bytes in records)
            {
                bytes.CopyTo(file, at);
                at += bytes.Length;
            }

            foreach ((int offset, ReadOnlyMemory<byte> data) in _constants)
            {
                data.Span.CopyTo(file.AsSpan(constants + offset));
            }

            _strings.ToArray().CopyTo(file, strings);
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Header.Crc), Checksum(file));
            return file;
        }

        private void WriteHeader(Span<byte> file, byte[] name)
        {
            Magic.CopyTo(file);
            BinaryPrimitives.WriteUInt16LittleEndian(file[Header.Version..], FormatLayout.Version);
            BinaryPrimitives.WriteUInt16LittleEndian(file[Header.RoundingRule..], TwoRoundings);
            BinaryPrimitives.WriteInt32LittleEndian(file[Header.TotalLength..], file.Length);
            BinaryPrimitives.WriteInt32LittleEndian(file[Header.ArenaBytes..], spec.ArenaBytes);
            BinaryPrimitives.WriteInt32LittleEndian(file[Header.Input..], spec.Input);
            BinaryPrimitives.WriteInt32LittleEndian(file[Header.Output..], spec.Output);
            name.CopyTo(file[Header.Name..]);
        }

        private static void Section(byte[] file, int field, int offset, int count)
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(field), offset);
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(field + 4), count);
        }

        private byte[] Tensor(TensorSpec tensor, int constantsStart)
        {
            TensorInfo info = tensor.Info;
            byte[] record = new byte[TensorBytes];
            Text(info.Name).CopyTo(record, FormatLayout.Tensor.Name);
            record[FormatLayout.Tensor.Type] = (byte)info.Type;
            record[FormatLayout.Tensor.Storage] = (byte)info.Storage;
            record[FormatLayout.Tensor.Rank] = (byte)info.Shape.Count;
            for (int i = 0; i < info.Shape.Count; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(FormatLayout.Tensor.Dimensions + 4 * i), info.Shape[i]);
            }

            int offset = info.Storage == TensorStorage.Constant ? constantsStart + Constant(tensor.Data) : info.Offset;
            BinaryPrimitives.WriteSingleLittleEndian(record.AsSpan(FormatLayout.Tensor.Scale), info.Scale);
            BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(FormatLayout.Tensor.ZeroPoint), info.ZeroPoint);
            BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(FormatLayout.Tensor.Offset), offset);
            BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(FormatLayout.Tensor.ByteLength), info.ByteLength);
            return record;
        }

        private byte[] Operator(ModelOperator op)
        {
            (ushort code, int[] arguments) = OperatorCodec.Encode(op);
            byte[] record = new byte[OperatorBytes];
            Text(op.Name).CopyTo(record, FormatLayout.Operator.Name);
            BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(FormatLayout.Operator.Code), code);
            BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(FormatLayout.Operator.ArgumentCount), (ushort)arguments.Length);
            for (int i = 0; i < arguments.Length; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(FormatLayout.Operator.Arguments + 4 * i), arguments[i]);
            }

            return record;
        }

        private byte[] Golden(GoldenVector golden, int constantsStart)
        {
            byte[] hashes = new byte[golden.LayerHashes.Count * 4];
            for (int i = 0; i < golden.LayerHashes.Count; i++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(hashes.AsSpan(4 * i), golden.LayerHashes[i]);
            }

            byte[] record = new byte[GoldenBytes];
            int input = Constant(MemoryMarshal.AsBytes(golden.Input.Span).ToArray());
            int output = Constant(MemoryMarshal.AsBytes(golden.Output.Span).ToArray());
            BinaryPrimitives.WriteInt32LittleEndian(record, constantsStart + input);
            BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), constantsStart + output);
            BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(8), constantsStart + Constant(hashes));
            return record;
        }

        private static byte[] Preprocessing(PreprocessingRecord record)
        {
            byte[] bytes = new byte[PreprocessingHeaderBytes + record.Tables.Length];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, record.Layout.Width);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), record.Layout.Height);
            bytes[8] = (byte)record.Layout.Color;
            bytes[9] = (byte)record.Layout.Crop;
            bytes[10] = (byte)record.Layout.Resize;
            MemoryMarshal.AsBytes(record.Tables.Span).CopyTo(bytes.AsSpan(PreprocessingHeaderBytes));
            return bytes;
        }

        /// <summary>Offset in the constants section, which itself begins aligned.</summary>
        private int Constant(ReadOnlyMemory<byte> data)
        {
            int offset = Align(_constantBytes);
            _constants.Add((offset, data));
            _constantBytes = checked(offset + data.Length);
            return offset;
        }

        /// <summary>A string reference: offset in the strings section and length in bytes.</summary>
        private byte[] Text(string text)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            byte[] reference = new byte[StringRefBytes];
            BinaryPrimitives.WriteInt32LittleEndian(reference, (int)_strings.Length);
            BinaryPrimitives.WriteInt32LittleEndian(reference.AsSpan(4), utf8.Length);
            _strings.Write(utf8);
            return reference;
        }

        private static int Align(int offset) => (offset + ConstantAlignment - 1) / ConstantAlignment * ConstantAlignment;
    }
}
