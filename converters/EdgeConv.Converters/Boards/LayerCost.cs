using EdgeConv.Runtime;

namespace EdgeConv.Converters.Boards;

/// <summary>Kinds of layers that differ in what a processor does with them in a cycle.</summary>
public enum LayerKind
{
    /// <summary>Convolution over several channels, transposed or not: each weight serves many pixels.</summary>
    Convolution,

    /// <summary>Convolution of stride 1 with a window of at least 3x3 over 16 channels or more: what an A53 and an A72 may compute by Winograd's form.</summary>
    DeepConvolution,

    /// <summary>Convolution whose filters see one channel each.</summary>
    Depthwise,

    /// <summary>Each weight is read for one multiplication a row.</summary>
    FullyConnected,

    /// <summary>Weights on int16 activations.</summary>
    Wide,

    /// <summary>Pooling, elementwise, moving bytes about: no multiply-accumulates worth counting.</summary>
    Other,
}

/// <summary>What one operator needs: counted from shapes, so exact.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Kind">Kind of layer.</param>
/// <param name="Macs">Multiply-accumulates an inference.</param>
/// <param name="Parameters">What was learned: weights, biases, slopes, constants that stand in for an activation.</param>
/// <param name="Elements">Elements of the output.</param>
/// <param name="ConstantBytes">Bytes in the file: weights, biases, multipliers, shifts, tables.</param>
public sealed record LayerCost(string Name, LayerKind Kind, long Macs, long Parameters, long Elements, long ConstantBytes)
{
    /// <summary>Counts one operator of a model.</summary>
    public static LayerCost Of(Model model, ModelOperator step)
    {
        (int[] learned, int[] derived) = Constants(model, step);
        // Each output element of a matrix operator takes one filter, one of a convolution that pools as many as the convolution gives;
        // each input element of a transposed one is spread over one.
        (LayerKind kind, long macs) = step switch
        {
            Conv2DOp o => (KindOf(o), Pixels(o) * Length(o.Weights)),
            FullyConnectedOp o => (LayerKind.FullyConnected, Length(o.Output) * (Length(o.Weights) / Length(o.Bias))),
            TransposeConvOp o => (LayerKind.Convolution, Length(o.Input) * (Length(o.Weights) / model.Tensors[o.Input].Shape[^1])),
            _ => (LayerKind.Other, 0),
        };
        kind = macs > 0 && model.Tensors[step.Input].Type == ElementType.Int16 ? LayerKind.Wide : kind;
        return new LayerCost(step.Name, kind, macs, learned.Sum(Length), Length(step.Output),
            learned.Concat(derived).Sum(index => (long)model.Tensors[index].ByteLength));

        long Length(int tensor) => model.Tensors[tensor].Length;

        LayerKind KindOf(Conv2DOp o)
        {
            (int channels, Window window) = (model.Tensors[o.Weights].Shape[3], o.Window);
            return o.Groups > 1 && channels == 1 ? LayerKind.Depthwise
                : channels >= 16 && window is { KernelH: >= 3, KernelW: >= 3, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1 } ? LayerKind.DeepConvolution
                : LayerKind.Convolution;
        }

        long Pixels(Conv2DOp o)
        {
            IReadOnlyList<int> input = model.Tensors[o.Input].Shape;
            return (long)input[0] * o.Window.OutputH(input[1]) * o.Window.OutputW(input[2]);
        }
    }

    // What was learned, and what the converter computed from it.
    private static (int[] Learned, int[] Derived) Constants(Model model, ModelOperator step) => step switch
    {
        Conv2DOp conv => ([conv.Weights, conv.Bias], [conv.Multipliers, conv.Shifts]),
        FullyConnectedOp full => ([full.Weights, full.Bias], [full.Multipliers, full.Shifts]),
        TransposeConvOp conv => ([conv.Weights, conv.Bias], [conv.Multipliers, conv.Shifts]),
        PReluOp prelu => ([prelu.Alpha], []),
        TableOp table => ([], [table.Table]),
        WideSigmoidOp sigmoid => ([], [sigmoid.Table]),
        WideSoftmaxOp softmax => ([], [softmax.Exponential, softmax.Reciprocal]),
        _ => ([.. step.Inputs.Where(index => model.Tensors[index].Storage == TensorStorage.Constant)], []),
    };
}
