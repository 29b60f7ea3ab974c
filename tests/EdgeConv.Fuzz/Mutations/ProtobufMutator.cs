using Google.Protobuf;

namespace EdgeConv.Fuzz.Mutations;

/// <summary>Changes an ONNX file as a tree of messages, so that the lengths around a change stay right; now and then its bytes as well.</summary>
internal sealed class ProtobufMutator(Random random)
{
    private static readonly Dictionary<(string, int), string> _schema = new()
    {
        [("Model", 7)] = "Graph", [("Model", 8)] = "OperatorSet", [("Model", 14)] = "Property",
        [("Graph", 1)] = "Node", [("Graph", 5)] = "Tensor", [("Graph", 11)] = "ValueInfo", [("Graph", 12)] = "ValueInfo",
        [("Node", 5)] = "Attribute", [("Attribute", 5)] = "Tensor",
        [("ValueInfo", 2)] = "Type", [("Type", 1)] = "TensorType", [("TensorType", 2)] = "Shape", [("Shape", 1)] = "Dimension",
    };

    private readonly ByteMutator _bytes = new(random);

    public byte[] Mutate(byte[] file, byte[] other)
    {
        if (WireField.Parse(file, "Model", _schema) is not { Count: > 0 } fields)
        {
            return _bytes.Mutate([.. file], other, file.Length);
        }

        List<WireField>? donor = random.Next(3) == 0 ? WireField.Parse(other, "Model", _schema) : null;
        for (int changes = 1 + random.Next(4); changes > 0 && fields.Count > 0; changes--)
        {
            Change(fields, donor is { Count: > 0 } ? donor : fields);
        }

        byte[] result = WireField.Write(fields);
        return random.Next(8) == 0 ? _bytes.Mutate(result, other, result.Length) : result;
    }

    private void Change(List<WireField> root, List<WireField> donor)
    {
        (List<WireField> home, int at) = Pick(root);
        WireField field = home[at];
        switch (random.Next(9))
        {
            case 0:
                home.RemoveAt(at);
                break;
            case 1:
                home.Insert(random.Next(home.Count + 1), field.Clone());
                break;
            case 2:
                // The same kind of field, from elsewhere.
                WireField[] like = [.. All(donor).Where(f => f.Message == field.Message && f.Number == field.Number)];
                if (like.Length > 0)
                {
                    home[at] = like[random.Next(like.Length)].Clone();
                }

                break;
            case 3:
                WireField[] same = [.. All(donor).Where(f => f.Message is not null && f.Message == field.Message)];
                if (same.Length > 0)
                {
                    home.Insert(random.Next(home.Count + 1), same[random.Next(same.Length)].Clone());
                }

                break;
            case 4 when random.Next(4) == 0:
                field.Number = random.Next(1, 25);
                break;
            case 5:
                int second = random.Next(home.Count);
                (home[at], home[second]) = (home[second], home[at]);
                break;
            default:
                Value(field, donor);
                break;
        }
    }

    private void Value(WireField field, List<WireField> donor)
    {
        if (field.Type != WireFormat.WireType.LengthDelimited)
        {
            field.Value = random.Next(4) switch
            {
                0 => (ulong)_bytes.Interesting(),
                1 => (ulong)(long)random.Next(-2, 20),
                2 => 1UL << random.Next(64),
                _ => field.Value + (ulong)random.Next(-3, 4),
            };
        }
        else if (field.Fields is null)
        {
            // A name or operator that the file has elsewhere is worth more than a wrong letter.
            WireField[] texts = [.. All(donor).Where(f => f.Type == WireFormat.WireType.LengthDelimited && f.Fields is null && f.Bytes.Length < 40)];
            field.Bytes = random.Next(2) == 0 && texts.Length > 0
                ? [.. texts[random.Next(texts.Length)].Bytes]
                : _bytes.Mutate(field.Bytes, field.Bytes, field.Bytes.Length);
        }
    }

    // From the root downwards, so that few large messages do not hide many small ones.
    private (List<WireField> Home, int At) Pick(List<WireField> home)
    {
        while (true)
        {
            int at = random.Next(home.Count);
            if (home[at].Fields is not { Count: > 0 } inner || random.Next(6) == 0)
            {
                return (home, at);
            }

            home = inner;
        }
    }

    private static IEnumerable<WireField> All(IEnumerable<WireField> fields) =>
        fields.SelectMany(f => f.Fields is null ? [f] : All(f.Fields).Prepend(f));
}
