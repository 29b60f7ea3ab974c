using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using EdgeConv.Converters.CodeGen;

namespace EdgeConv.Cli.Emulation;

/// <summary>
/// Inputs as C# for a nanoCLR, which reads no files here. An assembly's arrays lie in a table with 16-bit offsets, so the inputs are laid end to end
/// and cut into assemblies.
/// </summary>
internal static class NanoInputs
{
    // Leaves room for the signatures in that table.
    private const int MostBytes = 60_000;

    /// <summary>Sources of the assemblies, in order.</summary>
    /// <param name="bytes">All inputs end to end.</param>
    public static IReadOnlyList<(string Assembly, string Text)> Parts(ReadOnlySpan<sbyte> bytes)
    {
        List<(string, string)> parts = [];
        for (int at = 0; at < bytes.Length; at += MostBytes)
        {
            StringBuilder numbers = new();
            foreach (sbyte value in bytes[at..Math.Min(bytes.Length, at + MostBytes)])
            {
                numbers.Append(CultureInfo.InvariantCulture, $"{value},");
            }

            string name = $"Inputs{parts.Count}";
            parts.Add((name, $$"""public static class {{name}} { public static sbyte[] Bytes() { return new sbyte[] { {{numbers}} }; } }"""));
        }

        return parts;
    }

    /// <summary>
    /// The class that has an image of weights in two slots: in the first a sealed header without tables, at which the self-test throws, so that a program
    /// has to catch that and take the second, into which the image comes in pieces.
    /// </summary>
    /// <param name="image">At most as long as the arrays of an assembly may be.</param>
    public static string Slots(ReadOnlySpan<byte> image) => $$"""
        public static class ImageSlots
        {
            public static EdgeConv.Nano.WeightSlots Make()
            {
                byte[] whole = Image();
                EdgeConv.Nano.MemorySlots slots = new EdgeConv.Nano.MemorySlots(Empty(), null, whole.Length);
                EdgeConv.Nano.SlotWriter writer = new EdgeConv.Nano.SlotWriter(slots, 0, 0, EdgeConv.Generated.Model.Code);
                for (int at = 0; at < whole.Length; at += 100)
                {
                    writer.Add(whole, at, whole.Length - at < 100 ? whole.Length - at : 100);
                }

                writer.Finish();
                return slots;
            }

            private static byte[] Empty() { return new byte[] { {{string.Join(',', SlotImage.Write([], SlotImage.VersionOf(image)!.Value, BinaryPrimitives.ReadUInt32LittleEndian(image[SlotImage.CodeAt..])))}} }; }

            private static byte[] Image() { return new byte[] { {{string.Join(',', image.ToArray())}} }; }
        }
        """;

    /// <summary>The class that the program asks: how many there are, where a part begins, and how the model is made.</summary>
    /// <param name="count">Number of inputs.</param>
    /// <param name="parts">Number of <see cref="Parts"/>.</param>
    /// <param name="model">A C# expression.</param>
    public static string Index(int count, int parts, string model)
    {
        string cases = string.Concat(Enumerable.Range(0, parts).Select(part => $"case {part}: return Inputs{part}.Bytes(); "));
        return $$"""
            namespace EdgeConv.OnClr
            {
                internal static class InputParts
                {
                    public const int Count = {{count}}, PartLength = {{MostBytes}};
                    public static sbyte[] Load(int part) { switch (part) { {{cases}}} return null; }
                    public static EdgeConv.Generated.Model Model() { return {{model}}; }
                }
            }
            """;
    }
}
