using EdgeConv.Runtime;

namespace EdgeConv.Converters.Visualization;

/// <summary>Bytes of an activation as real numbers.</summary>
public static class ActivationValues
{
    /// <summary>scale * (q - zero point), int8 or int16.</summary>
    /// <param name="tensor">The activation.</param>
    /// <param name="bytes">As <see cref="Interpreter.Activation"/> gives them.</param>
    /// <param name="reals">As many as the tensor has elements.</param>
    public static void Dequantize(this TensorInfo tensor, ReadOnlySpan<sbyte> bytes, Span<float> reals)
    {
        for (int i = 0; i < reals.Length; i++)
        {
            reals[i] = tensor.Dequantize(bytes, i);
        }
    }
}
