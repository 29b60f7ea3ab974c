using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Boards;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Models;

/// <summary>One operator of a model, counted.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Kind">Conv2D, MaxPool, or both where they are fused...</param>
/// <param name="OutputShape">NHWC, or [N, C].</param>
/// <param name="Parameters">Weights and biases.</param>
/// <param name="Macs">Multiply-accumulates an inference.</param>
/// <param name="WeightBytes">Bytes in the file: weights, biases, multipliers, shifts, tables.</param>
public sealed record LayerSummary(string Name, string Kind, IReadOnlyList<int> OutputShape, long Parameters, long Macs, long WeightBytes)
{
    /// <summary>What the convolution gives before a fused pooling, NHWC; it is stored nowhere. Null for any other layer.</summary>
    public IReadOnlyList<int>? InnerShape { get; init; }

    /// <summary>The output's shape for people, with what it is pooled from.</summary>
    public string ShapeText() => InnerShape is null ? Units.Shape(OutputShape) : $"{Units.Shape(InnerShape)} to {Units.Shape(OutputShape)}";
}

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
    public static string Kind(ModelOperator step) => step is Conv2DOp { IsPooled: true, Pool: var p }
        ? $"Conv2D, MaxPool {p.KernelH}x{p.KernelW}" + ((p.StrideH, p.StrideW) == (p.KernelH, p.KernelW) ? "" : $" by {p.StrideH}x{p.StrideW}")
        : step.GetType().Name[..^2];

    private static LayerSummary Layer(Model model, ModelOperator step)
    {
        LayerCost cost = LayerCost.Of(model, step);
        return new LayerSummary(step.Name, Kind(step), model.Tensors[step.Output].Shape, cost.Parameters, cost.Macs, cost.ConstantBytes)
        {
            InnerShape = step is Conv2DOp { IsPooled: true } conv ? Convolved(model, conv) : null,
        };
    }

    private static int[] Convolved(Model model, Conv2DOp conv)
    {
        IReadOnlyList<int> input = model.Tensors[conv.Input].Shape;
        return [input[0], conv.Window.OutputH(input[1]), conv.Window.OutputW(input[2]), model.Tensors[conv.Output].Shape[3]];
    }

    private static IEnumerable<ArenaSlot> Slots(Model model) => ArenaLife.Of(model)
        .Select(life => (Life: life, Info: model.Tensors[life.Tensor]))
        .Select(at => new ArenaSlot(at.Info.Name, at.Info.Shape, at.Life.Offset, at.Life.Bytes, at.Life.First, at.Life.Last));
}
