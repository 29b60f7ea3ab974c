using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx.Operators;

namespace EdgeConv.Converters.Onnx;

/// <summary>The ONNX operators that can be imported. To add one, write a function and name it here.</summary>
internal static class OnnxOperators
{
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
        ["Relu"] = n => ElementwiseImport.Activate(n, Activation.Relu),
        ["Tanh"] = n => ElementwiseImport.Activate(n, Activation.Tanh),
        ["Sigmoid"] = n => ElementwiseImport.Activate(n, Activation.Sigmoid),
        ["Clip"] = ElementwiseImport.Clip,
        ["Add"] = ElementwiseImport.Add,
        ["Sub"] = ElementwiseImport.Sub,
        ["Mul"] = ElementwiseImport.Mul,
        ["Div"] = ElementwiseImport.Div,
        ["Softmax"] = ElementwiseImport.Softmax,
        ["Identity"] = n => n.PassOn(),
        ["Dropout"] = ElementwiseImport.Dropout,
        ["Constant"] = ConstantImport.Constant,
        ["Shape"] = ConstantImport.Shape,
        ["Gather"] = ConstantImport.Gather,
        ["Concat"] = ConstantImport.Concat,
        ["Cast"] = ConstantImport.Cast,
        ["Flatten"] = ReshapeImport.Flatten,
        ["Reshape"] = ReshapeImport.Reshape,
        ["Squeeze"] = ReshapeImport.Squeeze,
        ["Unsqueeze"] = ReshapeImport.Unsqueeze,
    };
}
