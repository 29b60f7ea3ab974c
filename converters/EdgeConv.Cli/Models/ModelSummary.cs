using EdgeConv.Runtime;

namespace EdgeConv.Cli.Models;

/// <summary>One operator of a model, counted.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Kind">Conv2D, MaxPool...</param>
/// <param name="OutputShape">NHWC, or [N, C].</param>
/// <param name="Parameters">Weights and biases.</param>
/// <param name="Macs">Multiply-accumulates an inference.</param>
/// <param name="WeightBytes">Bytes in the file: weights, biases, multipliers, shifts, tables.</param>
public sealed record LayerSummary(string Name, string Kind, IReadOnlyList<int> OutputShape, long Parameters, long Macs, long WeightBytes);

/// <summary>One activation's place in the arena.</summary>
/// <param name="Tensor">Its name.</param>
/// <param name="Shape">NHWC, or [N, C].</param>
/// <param name="Offset">First byte in the arena.</param>
/// <param name="Bytes">Size.</param>
/// <param name="First">Index of the operator that writes it; -1 for the model's input.</param>
/// <param name="Last">Index of the last operator that reads it; the number of operators for the model's output.</param>
public sealed record ArenaSlot(string Tensor, IReadOnlyList<int> Shape, int Offset, int Bytes, int First, int Last);

/// <summary>A model in numbers.</summary>
/// <param name="Layers">In running order.</param>
/// <param name="Parameters">Sum over the layers.</param>
/// <param name="Macs">Sum over the layers.</param>
/// <param name="Arena">In the order in which the activations are written.</param>
public sealed record ModelSummary(IReadOnlyList<LayerSummary> Layers, long Parameters, long Macs, IReadOnlyList<ArenaSlot> Arena)
{
    /// <summary>Counts a model.</summary>
    public static ModelSummary Of(Model model)
    {
        LayerSummary[] layers = [.. model.Operators.Select(step => Layer(model, step))];
        return new ModelSummary(layers, layers.Sum(layer => layer.Parameters), layers.Sum(layer => layer.Macs), [.. Slots(model)]);
    }

    /// <summary>The name people know an operator by.</summary>
    public static string Kind(ModelOperator step) => step.GetType().Name[..^2];

    private static LayerSummary Layer(Model model, ModelOperator step)
    {
        TensorInfo output = model.Tensors[step.Output];
        (int[] learned, int[] derived) = Constants(model, step);
        // Each output element of a matrix operator takes one filter; each input element of a transposed one is spread over one.
        long macs = step switch
        {
            Conv2DOp or FullyConnectedOp => (long)output.Length * (model.Tensors[learned[0]].Length / model.Tensors[learned[1]].Length),
            TransposeConvOp conv =>
                (long)model.Tensors[conv.Input].Length * (model.Tensors[conv.Weights].Length / model.Tensors[conv.Input].Shape[^1]),
            _ => 0,
        };
        long parameters = learned.Sum(index => (long)model.Tensors[index].Length);
        long bytes = learned.Concat(derived).Sum(index => (long)model.Tensors[index].ByteLength);
        return new LayerSummary(step.Name, Kind(step), output.Shape, parameters, macs, bytes);
    }

    // What was learned, and what the converter computed from it.
    private static (int[] Learned, int[] Derived) Constants(Model model, ModelOperator step) => step switch
    {
        Conv2DOp conv => ([conv.Weights, conv.Bias], [conv.Multipliers, conv.Shifts]),
        FullyConnectedOp full => ([full.Weights, full.Bias], [full.Multipliers, full.Shifts]),
        TransposeConvOp conv => ([conv.Weights, conv.Bias], [conv.Multipliers, conv.Shifts]),
        PReluOp prelu => ([prelu.Alpha], []),
        TableOp table => ([], [table.Table]),
        _ => ([.. step.Inputs.Where(index => model.Tensors[index].Storage == TensorStorage.Constant)], []),
    };

    private static IEnumerable<ArenaSlot> Slots(Model model)
    {
        for (int i = 0; i < model.Tensors.Count; i++)
        {
            TensorInfo tensor = model.Tensors[i];
            if (tensor.Storage != TensorStorage.Arena)
            {
                continue;
            }

            int first = Enumerable.Range(0, model.Operators.Count).FirstOrDefault(at => model.Operators[at].Output == i, -1);
            int last = tensor == model.Output
                ? model.Operators.Count
                : Enumerable.Range(0, model.Operators.Count).LastOrDefault(at => model.Operators[at].Inputs.Contains(i), first);
            yield return new ArenaSlot(tensor.Name, tensor.Shape, tensor.Offset, tensor.ByteLength, first, last);
        }
    }
}
