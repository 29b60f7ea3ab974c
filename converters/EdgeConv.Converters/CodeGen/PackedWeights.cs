using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// int4 weights as C keeps them: two a byte, the first in the low half. With the DSP extension the halves of a word of eight are two words of four
/// bytes that are 16 times the weights, which costs less than a second load; sums are then 16 times what they are, until they are done.
/// </summary>
internal static class PackedWeights
{
    /// <summary>What weights count for with the DSP extension, as a shift.</summary>
    public const int Bits = 4;

    // 16 times a sum stays inside int32: 128 * 8 * 16 a tap.
    private const int MostTaps = int.MaxValue / (128 * 8 << Bits);

    /// <summary>For comments and --explain.</summary>
    public const string Algorithm = "int4 weights packed in flash";

    /// <summary>Whether int4 weights can stay packed: false, and true where they can.</summary>
    /// <param name="weights">Of a layer.</param>
    public static IEnumerable<bool> Choices(TensorInfo weights) =>
        weights.Type == ElementType.Int4 && weights.Length / weights.Shape[0] <= MostTaps ? [false, true] : [false];

    /// <summary>The C expression of one of the weights that lie side by side at w.</summary>
    /// <param name="i">Which.</param>
    /// <param name="isPacked">Else it is a byte.</param>
    public static string Weight(int i, bool isPacked) =>
        !isPacked ? $"w[{i}]" : i % 2 == 0 ? $"edgeconv_low_half(w[{i / 2}])" : $"edgeconv_high_half(w[{i / 2}])";

    /// <summary>Bytes that so many weights take.</summary>
    public static int Bytes(int weights, bool isPacked) => isPacked ? (weights + 1) / 2 : weights;

    /// <summary>Weights side by side, as bytes.</summary>
    public static IEnumerable<sbyte> Pack(IReadOnlyList<sbyte> weights)
    {
        for (int i = 0; i < weights.Count; i += 2)
        {
            yield return Pack(weights[i], i + 1 < weights.Count ? weights[i + 1] : (sbyte)0);
        }
    }

    /// <summary>Two weights as a byte.</summary>
    public static sbyte Pack(sbyte low, sbyte high) => (sbyte)((low & 15) | (high << Bits));
}
