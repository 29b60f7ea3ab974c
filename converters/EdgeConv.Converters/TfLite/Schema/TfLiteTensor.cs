namespace EdgeConv.Converters.TfLite.Schema;

/// <summary>A tensor as the file describes it.</summary>
/// <param name="Index">Its number.</param>
/// <param name="Name">Printable and unique in the file.</param>
/// <param name="Type">Of its elements.</param>
/// <param name="Shape">As the file has it; none for a single value.</param>
/// <param name="Data">Its constant elements; empty where it is computed.</param>
/// <param name="Scales">One, one a channel, or none where it is not quantized.</param>
/// <param name="ZeroPoints">As many, or none.</param>
/// <param name="Dimension">Along which the scales run.</param>
/// <param name="Oddity">What about it is not supported, or null.</param>
internal sealed record TfLiteTensor(int Index, string Name, TensorType Type, int[] Shape, ReadOnlyMemory<byte> Data,
    float[] Scales, long[] ZeroPoints, int Dimension, string? Oddity)
{
    /// <summary>Whether the elements are in the file.</summary>
    public bool IsConstant => Data.Length > 0;

    /// <summary>Whether it holds float numbers.</summary>
    public bool IsFloat => Type is TensorType.Float32 or TensorType.Float16;

    /// <summary>Number of elements; more than fits an int is int.MaxValue.</summary>
    public int Length => (int)Shape.Aggregate(1L, (n, d) => Math.Min(n * Math.Max(d, 0), int.MaxValue));

    /// <summary>The scale of the tensor; 0 where it is not quantized.</summary>
    public float Scale => Scales.Length > 0 ? Scales[0] : 0;

    /// <summary>The integer that stands for 0.0.</summary>
    public long ZeroPoint => ZeroPoints.Length > 0 ? ZeroPoints[0] : 0;
}
