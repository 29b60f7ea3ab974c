using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx.Operators;

namespace EdgeConv.Converters.Onnx;

/// <summary>The ONNX operators that can be imported. To add one, write a function and name it here.</summary>
internal static class OnnxOperators
{
    /// <summary>Operators that choose or move elements, whatever these are.</summary>
    public static IReadOnlySet<string> KeepIntegers { get; } = new HashSet<string>
    {
        "MaxPool", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Identity", "Dropout", "Concat", "Shape", "Pad",
    };

    /// <summary>From ONNX's operator to the function that imports it.</summary>
    public static IReadOnlyDictionary<string, Action<NodeImport>> Table { get; } = new Dictionary<string, Action<NodeImport>>
    {
        ["Conv"] = ConvolutionImport.Conv,
        ["BatchNormalization"] = ConvolutionImport.BatchNormalization,
        ["Gemm"] = DenseImport.Gemm,
        ["MatMul"] = DenseImport.MatMul,
        ["MaxPool"] = PoolingImport.MaxPool,
        ["AveragePool"] = PoolingImport.AveragePool,
        ["GlobalAveragePool"] = PoolingImport.GlobalAveragePool,
        ["GlobalMaxPool"] = PoolingImport.GlobalMaxPool,
        ["ReduceMean"] = PoolingImport.Reduce(w => new AveragePool(w)),
        ["ReduceMax"] = PoolingImport.Reduce(w => new MaxPool(w)),
        ["ConvTranspose"] = ConvolutionImport.ConvTranspose,
        ["Relu"] = ActivationImport.Unary(Activation.Relu),
        ["Tanh"] = ActivationImport.Unary(Activation.Tanh),
        ["Sigmoid"] = ActivationImport.Unary(Activation.Sigmoid),
        ["LeakyRelu"] = ActivationImport.Unary(Activation.LeakyRelu, ("alpha", 0.01f)),
        ["ThresholdedRelu"] = ActivationImport.Unary(Activation.ThresholdedRelu, ("alpha", 1)),
        ["HardSigmoid"] = ActivationImport.Unary(Activation.HardSigmoid, ("alpha", 0.2f), ("beta", 0.5f)),
        ["HardSwish"] = ActivationImport.Unary(Activation.HardSwish),
        ["Swish"] = ActivationImport.Unary(Activation.Silu, ("alpha", 1)),
        ["com.microsoft.QuickGelu"] = ActivationImport.Unary(Activation.Silu, ("alpha", 1.702f)),
        ["Elu"] = ActivationImport.Unary(Activation.Elu, ("alpha", 1)),
        ["Selu"] = ActivationImport.Unary(Activation.Selu, ("alpha", 1.67326319217681884765625f), ("gamma", 1.05070102214813232421875f)),
        ["Celu"] = ActivationImport.Unary(Activation.Celu, ("alpha", 1)),
        ["Gelu"] = ActivationImport.Gelu,
        ["com.microsoft.Gelu"] = ActivationImport.Gelu,
        ["Mish"] = ActivationImport.Unary(Activation.Mish),
        ["Softplus"] = ActivationImport.Unary(Activation.Softplus),
        ["Softsign"] = ActivationImport.Unary(Activation.Softsign),
        ["Erf"] = ActivationImport.Unary(Activation.Erf),
        ["Exp"] = ActivationImport.Unary(Activation.Exp),
        ["Log"] = ActivationImport.Unary(Activation.Log),
        ["Sqrt"] = ActivationImport.Unary(Activation.Sqrt),
        ["Abs"] = ActivationImport.Unary(Activation.Abs),
        ["Pow"] = ActivationImport.Pow,
        ["Clip"] = ActivationImport.Clip,
        ["PRelu"] = ActivationImport.PRelu,
        ["Add"] = ArithmeticImport.Add,
        ["Sub"] = ArithmeticImport.Sub,
        ["Mul"] = ArithmeticImport.Mul,
        ["Div"] = ArithmeticImport.Div,
        ["Neg"] = ArithmeticImport.Neg,
        ["Sum"] = ArithmeticImport.Sum,
        ["Softmax"] = SoftmaxImport.Softmax,
        ["LogSoftmax"] = SoftmaxImport.LogSoftmax,
        ["LRN"] = SoftmaxImport.Lrn,
        ["Identity"] = QuantizeImport.Identity,
        ["Cast"] = QuantizeImport.Cast,
        ["QuantizeLinear"] = QuantizeImport.Quantize,
        ["DequantizeLinear"] = QuantizeImport.Dequantize,
        ["com.microsoft.QuantizeLinear"] = QuantizeImport.Quantize,
        ["com.microsoft.DequantizeLinear"] = QuantizeImport.Dequantize,
        ["DynamicQuantizeLinear"] = QuantizeImport.DynamicQuantize,
        ["QLinearConv"] = QLinearImport.Conv,
        ["QLinearMatMul"] = QLinearImport.MatMul,
        ["com.microsoft.QGemm"] = QLinearImport.Gemm,
        ["com.microsoft.QLinearAdd"] = QLinearImport.Binary("Add"),
        ["com.microsoft.QLinearMul"] = QLinearImport.Binary("Mul"),
        ["com.microsoft.QLinearAveragePool"] = QLinearImport.Unary("AveragePool"),
        ["com.microsoft.QLinearGlobalAveragePool"] = QLinearImport.Unary("GlobalAveragePool"),
        ["com.microsoft.QLinearSigmoid"] = QLinearImport.Unary("Sigmoid"),
        ["com.microsoft.QLinearLeakyRelu"] = QLinearImport.Unary("LeakyRelu"),
        ["com.microsoft.QLinearSoftmax"] = QLinearImport.Softmax,
        ["com.microsoft.QLinearConcat"] = QLinearImport.Concat,
        ["ConvInteger"] = QLinearImport.ConvInteger,
        ["MatMulInteger"] = QLinearImport.MatMulInteger,
        ["Dropout"] = SoftmaxImport.Dropout,
        ["Constant"] = ConstantImport.Constant,
        ["Shape"] = ConstantImport.Shape,
        ["Concat"] = LayoutImport.Concat,
        ["Transpose"] = LayoutImport.Transpose,
        ["Pad"] = LayoutImport.Pad,
        ["Flatten"] = ReshapeImport.Flatten,
        ["Reshape"] = ReshapeImport.Reshape,
        ["Squeeze"] = ReshapeImport.Squeeze,
        ["Unsqueeze"] = ReshapeImport.Unsqueeze,
    };
}
