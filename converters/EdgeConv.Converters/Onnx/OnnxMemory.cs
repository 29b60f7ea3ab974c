namespace EdgeConv.Converters.Onnx;

/// <summary>
/// What a file will take in memory, found without parsing it: an object of a hundred bytes may stand for two in the file, and a million of
/// them are a small file. No exporter writes such, so a file that asks for far more than its own size is refused.
/// </summary>
internal static class OnnxMemory
{
    private const int SpareBytes = 768 * 1024, BytesAByte = 4;
    private const int BytesAText = 48, BytesANumber = 24;

    /// <summary>The schema: from message and field number to the message in that field.</summary>
    private static readonly Dictionary<(Message, int), Message> _messages = new()
    {
        [(Message.Model, 7)] = Message.Graph,
        [(Message.Model, 8)] = Message.Other,
        [(Message.Model, 14)] = Message.Other,
        [(Message.Graph, 1)] = Message.Node,
        [(Message.Graph, 5)] = Message.Tensor,
        [(Message.Graph, 11)] = Message.Other,
        [(Message.Graph, 12)] = Message.Other,
        [(Message.Node, 5)] = Message.Attribute,
        [(Message.Attribute, 5)] = Message.Tensor,
    };

    private enum Message
    {
        Model,
        Graph,
        Node,
        Attribute,
        Tensor,

        /// <summary>Names, shapes and the like.</summary>
        Other,
    }

    /// <summary>Refuses a file that would take far more memory than it has bytes.</summary>
    /// <exception cref="OnnxImportException">It would.</exception>
    /// <exception cref="FormatException">The bytes are no protobuf message.</exception>
    public static void Check(ReadOnlySpan<byte> bytes, string file)
    {
        long cost = Cost(bytes, Message.Model), limit = ((long)BytesAByte * bytes.Length) + SpareBytes;
        if (cost > limit)
        {
            throw new OnnxImportException($"{file} has {bytes.Length:N0} bytes and would take about {cost:N0} bytes of memory to read, since it is "
                + "made of very many very small pieces; networks keep their weights as raw data. Export it in that way.");
        }
    }

    // With what the import makes of each: names, values and layers.
    private static int Cost(Message message) => message switch
    {
        Message.Node => 1500,
        Message.Attribute => 400,
        Message.Tensor => 600,
        _ => 300,
    };

    private static long Cost(ReadOnlySpan<byte> bytes, Message message)
    {
        long cost = Cost(message);
        var fields = new WireFields(bytes);
        while (fields.Next())
        {
            ReadOnlySpan<byte> value = bytes.Slice(fields.ValueStart, fields.ValueLength);
            cost += fields.Type != WireFields.LengthDelimited ? BytesANumber
                : _messages.TryGetValue((message, fields.Number), out Message inner) ? Cost(value, inner)
                : message == Message.Other && value.Length > 0 ? Cost(Message.Other) + (2L * value.Length)
                : IsVarints(message, fields.Number) ? (long)BytesANumber * value.Length
                : message == Message.Tensor ? value.Length
                : BytesAText + (2L * value.Length);
        }

        return cost;
    }

    // Lists of whole numbers, one byte each at the least.
    private static bool IsVarints(Message message, int field) =>
        (message, field) is (Message.Tensor, 1 or 5 or 7) or (Message.Attribute, 8);
}
