using System.Runtime.InteropServices;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.TfLite.Schema;

namespace EdgeConv.Tests.TfLite.Models;

/// <summary>Random numbers from a seed, and the pieces that random networks are made of.</summary>
internal sealed class NetworkWriter(ulong seed, bool wide = false)
{
    private SplitMix64 _random = new(seed);

    public TfLiteBuilder Builder { get; } = new();

    /// <summary>Whether activations are int16.</summary>
    public bool Wide => wide;

    private TensorType Type => wide ? TensorType.Int16 : TensorType.Int8;

    /// <summary>From low to high, both included.</summary>
    public int Next(int low, int high) => low + _random.NextInt32(high - low + 1);

    /// <summary>One of some.</summary>
    public T Pick<T>(params T[] choices) => choices[_random.NextInt32(choices.Length)];

    /// <summary>True once in so many times.</summary>
    public bool Once(int times) => _random.NextInt32(times) == 0;

    /// <summary>Between low and high, as often below their geometric mean as above. Sums, products and roots are the same on any machine.</summary>
    public float Scale(double low, double high)
    {
        double middle = Math.Sqrt(low * high), share = _random.NextSingle();
        return (float)(Once(2) ? low + (share * (middle - low)) : middle + (share * (high - middle)));
    }

    /// <summary>A zero point, at an end now and then.</summary>
    public int ZeroPoint() => wide ? 0 : Once(4) ? Pick(-128, 127, 0, -1) : Next(-128, 127);

    /// <summary>int8 values; the extremes are frequent.</summary>
    public sbyte[] Bytes(int length, int least = sbyte.MinValue, int most = sbyte.MaxValue)
    {
        int style = Next(0, 9);
        return [.. Enumerable.Range(0, length).Select(_ => (sbyte)(style == 0 ? most : style == 1 ? Pick(least, most)
            : Once(16) ? Pick(least, most) : Next(least, most)))];
    }

    /// <summary>A size of an image's side.</summary>
    public int Side() => Once(5) ? 1 : Next(1, 9);

    /// <summary>A number of channels.</summary>
    public int Channels() => Once(12) ? 257 : Once(4) ? 1 : Next(1, 20);

    /// <summary>A new activation without data.</summary>
    public Activation Activation(string name, int[] shape, float scale, int zeroPoint) => new(
        Builder.Tensor(new TensorSpec($"{name}_{Builder.Tensors.Count}", Type, shape) { Scales = [scale], ZeroPoints = [zeroPoint] }),
        shape, scale, zeroPoint);

    /// <summary>A new activation of the same scale and zero point as another.</summary>
    public Activation Like(string name, Activation other, int[] shape) => Activation(name, shape, other.Scale, other.ZeroPoint);

    /// <summary>An int8 constant.</summary>
    public int Constant(string name, int[] shape, sbyte[] values, float[] scales, int dimension = 0, int zeroPoint = 0) =>
        Builder.Tensor(new TensorSpec($"{name}_{Builder.Tensors.Count}", TensorType.Int8, shape)
        {
            Scales = scales,
            ZeroPoints = [.. Enumerable.Repeat((long)zeroPoint, scales.Length)],
            Dimension = dimension,
            Data = MemoryMarshal.AsBytes<sbyte>(values).ToArray(),
        });

    /// <summary>A constant of the activations' type.</summary>
    public int Operand(string name, int[] shape, float scale)
    {
        sbyte[] values = Bytes(shape.Aggregate((a, b) => a * b));
        return !wide ? Constant(name, shape, values, [scale], zeroPoint: ZeroPoint())
            : Builder.Tensor(new TensorSpec($"{name}_{Builder.Tensors.Count}", TensorType.Int16, shape)
            {
                Scales = [scale],
                ZeroPoints = [0],
                Data = MemoryMarshal.AsBytes<short>([.. values.Select(v => (short)(v * Next(1, 256)))]).ToArray(),
            });
    }

    /// <summary>A bias for weights of those scales: int32, or int64 where the activations are int16 and the layer is not told otherwise.</summary>
    public int Bias(int[] values, float inputScale, float[] scales, bool narrow) => Builder.Tensor(
        new TensorSpec($"bias_{Builder.Tensors.Count}", narrow ? TensorType.Int32 : TensorType.Int64, [values.Length])
        {
            Scales = [.. scales.Select(s => (float)((double)s * inputScale))],
            ZeroPoints = new long[scales.Length],
            Data = narrow ? MemoryMarshal.AsBytes<int>(values).ToArray()
                : MemoryMarshal.AsBytes<long>([.. values.Select(v => (long)v)]).ToArray(),
        });

    /// <summary>An operator with one output.</summary>
    public Activation Operator(string kind, int[] inputs, Activation output, OperatorOptions? options = null)
    {
        Builder.Operator(kind, inputs, [output.Tensor], options);
        return output;
    }
}
