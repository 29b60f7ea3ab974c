using System.Runtime.InteropServices;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.TfLite.Schema;

namespace EdgeConv.Tests.TfLite.Models;

/// <summary>Random numbers from a seed, and the pieces that random networks are made of.</summary>
internal sealed class NetworkWriter(ulong seed)
{
    private SplitMix64 _random = new(seed);

    public TfLiteBuilder Builder { get; } = new();

    /// <summary>From low to high, both included.</summary>
    public int Next(int low, int high) => low + _random.NextInt32(high - low + 1);

    /// <summary>One of some.</summary>
    public T Pick<T>(params T[] choices) => choices[_random.NextInt32(choices.Length)];

    /// <summary>True once in so many times.</summary>
    public bool Once(int times) => _random.NextInt32(times) == 0;

    /// <summary>Between low and high on a logarithmic scale.</summary>
    public float Scale(double low, double high) => (float)(low * Math.Pow(high / low, _random.NextSingle()));

    /// <summary>A zero point, at an end now and then.</summary>
    public int ZeroPoint() => Once(4) ? Pick(-128, 127, 0, -1) : Next(-128, 127);

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
    public Activation Activation(string name, int[] shape, float scale, int zeroPoint, TensorType type = TensorType.Int8) => new(
        Builder.Tensor(new TensorSpec($"{name}_{Builder.Tensors.Count}", type, shape) { Scales = [scale], ZeroPoints = [zeroPoint] }),
        shape, scale, zeroPoint, type);

    /// <summary>A new activation with random scale and zero point.</summary>
    public Activation Activation(string name, int[] shape) => Activation(name, shape, Scale(0.002, 0.5), ZeroPoint());

    /// <summary>A new activation of the same scale and zero point as another.</summary>
    public Activation Like(string name, Activation other, int[] shape) => Activation(name, shape, other.Scale, other.ZeroPoint, other.Type);

    /// <summary>An int8 constant.</summary>
    public int Constant(string name, int[] shape, sbyte[] values, float[] scales, int dimension = 0, int zeroPoint = 0) =>
        Builder.Tensor(new TensorSpec($"{name}_{Builder.Tensors.Count}", TensorType.Int8, shape)
        {
            Scales = scales,
            ZeroPoints = [.. Enumerable.Repeat((long)zeroPoint, scales.Length)],
            Dimension = dimension,
            Data = MemoryMarshal.AsBytes<sbyte>(values).ToArray(),
        });

    /// <summary>An int32 bias for weights of those scales.</summary>
    public int Bias(int[] values, float inputScale, float[] scales) => Builder.Tensor(
        new TensorSpec($"bias_{Builder.Tensors.Count}", TensorType.Int32, [values.Length])
        {
            Scales = [.. scales.Select(s => (float)((double)s * inputScale))],
            ZeroPoints = new long[scales.Length],
            Data = MemoryMarshal.AsBytes<int>(values).ToArray(),
        });

    /// <summary>An operator with one output.</summary>
    public Activation Operator(string kind, int[] inputs, Activation output, OperatorOptions? options = null)
    {
        Builder.Operator(kind, inputs, [output.Tensor], options);
        return output;
    }
}
