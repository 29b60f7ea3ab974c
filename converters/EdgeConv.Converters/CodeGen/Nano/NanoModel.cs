using System.Globalization;
using System.Text.RegularExpressions;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>A model as its C# names it.</summary>
/// <param name="model">The model.</param>
/// <param name="hasSlots">Whether all that a training changes lies in a slot: then the code must be the same for all of them.</param>
internal sealed partial class NanoModel(Model model, bool hasSlots = false)
{
    private readonly Dictionary<ModelOperator, NanoSums> _sums = new(ReferenceEqualityComparer.Instance);

    /// <summary>The model.</summary>
    public Model Model => model;

    /// <summary>Whether what a training changes lies in a slot.</summary>
    public bool HasSlots => hasSlots;

    /// <summary>Where everything lies; needed by what writes text.</summary>
    public CArena? Arena { get; set; }

    /// <summary>The tensor of an index.</summary>
    public TensorInfo Info(int tensor) => model.Tensors[tensor];

    /// <summary>The three dimensions behind the batch of an image.</summary>
    public (int Height, int Width, int Channels) Image(int tensor) => (Info(tensor).Shape[1], Info(tensor).Shape[2], Info(tensor).Shape[3]);

    /// <summary>Of a layer's method, and before all that belongs to it: L03_conv2, in the order in which they run.</summary>
    public string Name(ModelOperator op)
    {
        string name = NotInNames().Replace(op.Name, "_").Trim('_');
        return string.Create(CultureInfo.InvariantCulture, $"L{Step(op) + 1:D2}{(name.Length > 0 ? "_" : "")}{name}");
    }

    /// <summary>Index of a layer.</summary>
    public int Step(ModelOperator op) => model.Operators.Index().First(step => ReferenceEquals(step.Item, op)).Index;

    /// <summary>Where an activation begins in the arena.</summary>
    public int At(int tensor) => Arena!.Tensor(tensor);

    /// <summary>Where a layer's buffer begins in the arena.</summary>
    public int Scratch(ModelOperator op) => Arena!.Scratch(Step(op));

    /// <summary>The filters of a convolution; solved once for all its forms.</summary>
    public NanoSums Sums(Conv2DOp op) => Sums(op, (op.Weights, op.Bias, op.Multipliers, op.Shifts), (op.Min, op.Max));

    /// <summary>The filters of a fully connected layer; solved once for all its forms.</summary>
    public NanoSums Sums(FullyConnectedOp op) => Sums(op, (op.Weights, op.Bias, op.Multipliers, op.Shifts), (op.Min, op.Max));

    private NanoSums Sums(ModelOperator op, (int Weights, int Bias, int Multipliers, int Shifts) constants, (int Min, int Max) bounds)
    {
        if (!_sums.TryGetValue(op, out NanoSums? sums))
        {
            _sums[op] = sums = new NanoSums(model, op, constants, bounds);
        }

        return sums;
    }

    [GeneratedRegex("[^A-Za-z0-9]+")]
    private static partial Regex NotInNames();
}
