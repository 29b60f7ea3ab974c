using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Runtime;

/// <summary>Where a device's answer first left the expected one.</summary>
/// <param name="GoldenVector">Index of the golden vector.</param>
/// <param name="Operator">Index of the first operator whose output hash differs.</param>
/// <param name="OperatorName">Its name.</param>
public sealed record Divergence(int GoldenVector, int Operator, string OperatorName);

/// <summary>Runs a model's golden vectors and compares layer by layer.</summary>
public static class SelfTest
{
    /// <summary>Null when every layer of every golden vector gave the expected bytes.</summary>
    public static Divergence? Run(Model model, KernelPath path) => throw new NotImplementedException();

    /// <summary>What a golden vector should say for this input, by the reference kernels.</summary>
    public static GoldenVector Record(Model model, ReadOnlySpan<sbyte> input) => throw new NotImplementedException();
}
