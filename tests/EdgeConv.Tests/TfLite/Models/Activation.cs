namespace EdgeConv.Tests.TfLite.Models;

/// <summary>An activation of a network that is being written.</summary>
internal sealed record Activation(int Tensor, int[] Shape, float Scale, int ZeroPoint)
{
    public int Length => Shape.Aggregate(1, (n, d) => n * d);
}
