using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Operators;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.TfLite;

/// <summary>The TFLite operators that can be imported. To add one, write a function and name it here.</summary>
internal static class TfLiteOperators
{
    /// <summary>From TFLite's operator to the function that imports it.</summary>
    public static IReadOnlyDictionary<string, Action<OperatorImport>> Table { get; } = new Dictionary<string, Action<OperatorImport>>
    {
        ["CONV_2D"] = ConvolutionImport.Conv2D,
        ["DEPTHWISE_CONV_2D"] = ConvolutionImport.DepthwiseConv2D,
        ["TRANSPOSE_CONV"] = ConvolutionImport.TransposeConv,
        ["FULLY_CONNECTED"] = DenseImport.FullyConnected,
        ["MAX_POOL_2D"] = PoolingImport.Pool(w => new QuantizedMaxPool(w)),
        ["AVERAGE_POOL_2D"] = PoolingImport.Pool(w => new QuantizedAveragePool(w)),
        ["MEAN"] = PoolingImport.Mean,
        ["SUM"] = PoolingImport.Sum,
        ["REDUCE_MAX"] = PoolingImport.ReduceMax,
        ["ADD"] = ArithmeticImport.Add,
        ["SUB"] = ArithmeticImport.Sub,
        ["MUL"] = ArithmeticImport.Mul,
        ["MAXIMUM"] = ArithmeticImport.Bound(lower: true),
        ["MINIMUM"] = ArithmeticImport.Bound(lower: false),
        ["PRELU"] = ArithmeticImport.PRelu,
        ["SOFTMAX"] = SoftmaxImport.Softmax,
        ["LOG_SOFTMAX"] = SoftmaxImport.LogSoftmax,
        ["LOGISTIC"] = ActivationImport.Logistic,
        ["TANH"] = ActivationImport.Tanh,
        ["HARD_SWISH"] = ActivationImport.HardSwish,
        ["RELU"] = ActivationImport.Relu(new Activate(Activation.Relu), 0, float.PositiveInfinity),
        ["RELU6"] = ActivationImport.Relu(new Activate(Activation.Relu6), 0, 6),
        ["RELU_N1_TO_1"] = ActivationImport.Relu(new Activate(Activation.Clip, -1, 1), -1, 1),
        ["RELU_0_TO_1"] = ActivationImport.Relu(new Activate(Activation.Clip, 0, 1), 0, 1),
        ["LEAKY_RELU"] = ActivationImport.LeakyRelu,
        ["ELU"] = ActivationImport.Elu,
        ["GELU"] = ActivationImport.Gelu,
        ["EXP"] = ActivationImport.Exp,
        ["LOG"] = ActivationImport.Log,
        ["ABS"] = ActivationImport.Abs,
        ["QUANTIZE"] = QuantizeImport.Quantize,
        ["DEQUANTIZE"] = QuantizeImport.Dequantize,
        ["CONCATENATION"] = LayoutImport.Concatenation,
        ["PAD"] = LayoutImport.Pad,
        ["PADV2"] = LayoutImport.Pad,
        ["RESHAPE"] = LayoutImport.Reshape,
        ["SQUEEZE"] = LayoutImport.Reshape,
        ["EXPAND_DIMS"] = LayoutImport.Reshape,
        ["SLICE"] = SliceImport.Slice,
        ["STRIDED_SLICE"] = SliceImport.StridedSlice,
        ["SPLIT"] = SliceImport.Split,
        ["SPLIT_V"] = SliceImport.SplitV,
        ["UNPACK"] = SliceImport.Unpack,
        ["RESIZE_BILINEAR"] = ResizeImport.Resize(ResizeMode.Bilinear, ResizeOptions.Bilinear),
        ["RESIZE_NEAREST_NEIGHBOR"] = ResizeImport.Resize(ResizeMode.Nearest, ResizeOptions.Nearest),
        ["TRANSPOSE"] = LayoutImport.Transpose,
    };
}
