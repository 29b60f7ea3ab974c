namespace EdgeConv.Converters.Onnx;

/// <summary>
/// What a file will take in memory, found without parsing it: an object of a hundred bytes may stand for two in the file, and a million of
/// them are a small file. No exporter writes such, so a file that asks for far more than its own size is refused.
/// </summary>
internal static class OnnxMemory
{
    private const int SpareBytes = 768 * 1024, BytesAByte = 4;

    // A file without its weights is small, and its nodes cost what they cost: forty thousand of them.
    private const int SpareBytesBesideWeights = 64 * 1024 * 1024;
    private const int ExternalData = 13;
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
        [(Message.Tensor, ExternalData)] = Message.Other,
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
    /// <param name="bytes">All of it.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="hasFolder">Whether its weights may be in other files.</param>
    /// <exception cref="OnnxImportException">It would.</exception>
    /// <exception cref="FormatException">The bytes are no protobuf message.</exception>
    public static void Check(ReadOnlySpan<byte> bytes, string file, bool hasFolder)
    {
        bool isElsewhere = false;
        long cost = Cost(bytes, Message.Model, ref isElsewhere);
        long limit = ((long)BytesAByte * bytes.Length) + (hasFolder && isElsewhere ? SpareBytesBesideWeights : SpareBytes);
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

    private static long Cost(ReadOnlySpan<byte> bytes, Message message, ref bool isElsewhere)
    {
        long cost = Cost(message);
        var fields = new WireFields(bytes);
        while (fields.Next())
        {
            ReadOnlySpan<byte> value = bytes.Slice(fields.ValueStart, fields.ValueLength);
            isElsewhere |= message == Message.Tensor && fields.Number == ExternalData;
            cost += fields.Type != WireFields.LengthDelimited ? BytesANumber
                : _messages.TryGetValue((message, fields.Number), out Message inner) ? Cost(value, inner, ref isElsewhere)
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
