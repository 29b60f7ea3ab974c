using EdgeConv.Converters.TfLite.Schema;
using Google.FlatBuffers;

namespace EdgeConv.Tests.TfLite.Models;

/// <summary>A tensor to write.</summary>
internal sealed record TensorSpec(string Name, TensorType Type, int[] Shape)
{
    public float[] Scales { get; init; } = [];

    public long[] ZeroPoints { get; init; } = [];

    public int Dimension { get; init; }

    public byte[] Data { get; init; } = [];

    public bool IsVariable { get; init; }
}

/// <summary>An operator to write.</summary>
internal sealed record OperatorSpec(string Kind, int[] Inputs, int[] Outputs, OperatorOptions? Options);

/// <summary>The attributes of an operator: values by field number, in a table of the schema's union of that kind.</summary>
internal sealed record OperatorOptions(int Kind, params (int Field, object Value)[] Values)
{
    // Numbers of the schema's union BuiltinOptions.
    public const int Conv2D = 1, Depthwise = 2, Pool = 5, Dense = 8, Softmax = 9, Concatenation = 10, Add = 11, Reshape = 17, Mul = 21,
        Pad = 22, Transpose = 26, Reducer = 27, Sub = 28, Squeeze = 30, PadV2 = 43, TransposeConv = 49, ExpandDims = 52, LeakyRelu = 75,
        Gelu = 116, StridedSlice = 32, ResizeBilinear = 15, ResizeNearest = 74, Split = 35, Slice = 48;

    public int Write(FlatBufferBuilder b)
    {
        b.StartTable(10);
        foreach ((int field, object value) in Values)
        {
            switch (value)
            {
                case sbyte v: b.AddSbyte(field, v, 0); break;
                case bool v: b.AddBool(field, v, false); break;
                case int v: b.AddInt(field, v, 0); break;
                case float v: b.AddFloat(field, v, 0); break;
                default: throw new ArgumentException($"{value} has no form in a FlatBuffer");
            }
        }

        return b.EndTable();
    }
}
