using System.Globalization;
using System.Text;

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
                byte[] whole = Image(), empty = new byte[EdgeConv.Nano.SlotHeader.Bytes];
                System.Array.Copy(whole, 0, empty, 0, empty.Length);
                Put(empty, 4, (uint)empty.Length);
                Put(empty, 8, EdgeConv.Nano.Crc32C.Compute(empty, 12, empty.Length - 12, 0));
                EdgeConv.Nano.MemorySlots slots = new EdgeConv.Nano.MemorySlots(empty, null, whole.Length);
                EdgeConv.Nano.SlotWriter writer = new EdgeConv.Nano.SlotWriter(slots, 0, 0, EdgeConv.Generated.Model.Code);
                for (int at = 0; at < whole.Length; at += 100)
                {
                    writer.Add(whole, at, whole.Length - at < 100 ? whole.Length - at : 100);
                }

                writer.Finish();
                return slots;
            }

            private static void Put(byte[] bytes, int at, uint value)
            {
                for (int i = 0; i < 4; i++)
                {
                    bytes[at + i] = (byte)(value >> 8 * i);
                }
            }

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
