using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;

namespace EdgeConv.Converters;

/// <summary>Which operator of a model computes a layer of the network that it was made from.</summary>
public static class LayerPairs
{
    /// <summary>Index of the operator, or -1. A pooling that was fused has its value's name once the model is layer by layer.</summary>
    /// <param name="model">A model, as <see cref="Model.LayerByLayer"/> gives it.</param>
    /// <param name="node">A layer of the fused float graph.</param>
    public static int StepOf(Model model, Node node) => model.Operators.Index()
        .Where(step => model.Tensors[step.Item.Output] is var value && value.Length == node.Output.Length
            && (step.Item.Name == node.Name || value.Name == node.Output.Name))
        .Select(step => step.Index).DefaultIfEmpty(-1).First();
}
