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

    /// <summary>The class that the program asks: how many there are, where a part begins, and where the weights of the model come from.</summary>
    /// <param name="count">Number of inputs.</param>
    /// <param name="parts">Number of <see cref="Parts"/>.</param>
    /// <param name="weights">A C# expression.</param>
    public static string Index(int count, int parts, string weights)
    {
        string cases = string.Concat(Enumerable.Range(0, parts).Select(part => $"case {part}: return Inputs{part}.Bytes(); "));
        return $$"""
            namespace EdgeConv.OnClr
            {
                internal static class InputParts
                {
                    public const int Count = {{count}}, PartLength = {{MostBytes}};
                    public static sbyte[] Load(int part) { switch (part) { {{cases}}} return null; }
                    public static EdgeConv.Nano.WeightSource Weights() { return {{weights}}; }
                }
            }
            """;
    }
}
