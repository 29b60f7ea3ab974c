namespace EdgeConv.Runtime;

/// <summary>One step of a model. Integers name tensors by their index in <see cref="Model.Tensors"/>.</summary>
/// <param name="Name">For messages: the layer's name in the network it came from.</param>
/// <param name="Input">The activation that is read.</param>
/// <param name="Output">The activation that is written.</param>
public abstract record ModelOperator(string Name, int Input, int Output)
{
    /// <summary>Every tensor that is read: activations, and constants that stand in for one.</summary>
    public virtual IReadOnlyList<int> Inputs => [Input];

    /// <summary>Whether the output may lie in the very bytes of the input.</summary>
    public virtual bool CanRunInPlace => false;
}
