using Google.Protobuf;

namespace EdgeConv.Fuzz.Mutations;

/// <summary>A field of a protobuf message: a number, bytes, or a message of fields.</summary>
internal sealed class WireField
{
    public required int Number { get; set; }

    public required WireFormat.WireType Type { get; set; }

    public ulong Value { get; set; }

    public byte[] Bytes { get; set; } = [];

    /// <summary>The fields of a message, null for anything else.</summary>
    public List<WireField>? Fields { get; set; }

    /// <summary>Which message it is in the table of the schema.</summary>
    public string? Message { get; init; }

    /// <summary>A copy that shares nothing.</summary>
    public WireField Clone() => new()
    {
        Number = Number,
        Type = Type,
        Value = Value,
        Bytes = [.. Bytes],
        Fields = Fields?.ConvertAll(f => f.Clone()),
        Message = Message,
    };

    /// <summary>The fields of a message, or null when the bytes are none.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="message">Its name in the schema.</param>
    /// <param name="schema">From message and field number to the message in that field.</param>
    public static List<WireField>? Parse(byte[] bytes, string message, IReadOnlyDictionary<(string, int), string> schema)
    {
        List<WireField> fields = [];
        try
        {
            var input = new CodedInputStream(bytes);
            for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
            {
                int number = WireFormat.GetTagFieldNumber(tag);
                string? inner = schema.GetValueOrDefault((message, number));
                var field = new WireField { Number = number, Type = WireFormat.GetTagWireType(tag), Message = inner };
                switch (field.Type)
                {
                    case WireFormat.WireType.Varint:
                        field.Value = input.ReadUInt64();
                        break;
                    case WireFormat.WireType.Fixed32:
                        field.Value = input.ReadFixed32();
                        break;
                    case WireFormat.WireType.Fixed64:
                        field.Value = input.ReadFixed64();
                        break;
                    case WireFormat.WireType.LengthDelimited:
                        field.Bytes = input.ReadBytes().ToByteArray();
                        field.Fields = inner is null ? null : Parse(field.Bytes, inner, schema);
                        break;
                    default:
                        return null;
                }

                fields.Add(field);
            }
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }

        return fields;
    }

    /// <summary>The bytes of a message.</summary>
    public static byte[] Write(IEnumerable<WireField> fields)
    {
        var stream = new MemoryStream();
        var output = new CodedOutputStream(stream);
        foreach (WireField field in fields)
        {
            output.WriteTag(field.Number, field.Type);
            switch (field.Type)
            {
                case WireFormat.WireType.Fixed32:
                    output.WriteFixed32((uint)field.Value);
                    break;
                case WireFormat.WireType.Fixed64:
                    output.WriteFixed64(field.Value);
                    break;
                case WireFormat.WireType.LengthDelimited:
                    output.WriteBytes(ByteString.CopyFrom(field.Fields is null ? field.Bytes : Write(field.Fields)));
                    break;
                case WireFormat.WireType.Varint:
                    output.WriteUInt64(field.Value);
                    break;
            }
        }

        output.Flush();
        return stream.ToArray();
    }
}
