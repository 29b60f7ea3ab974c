using EdgeConv.Runtime.Quantization;
using EdgeConv.Trainer.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.QuantizationAware;

/// <summary>
/// The runtime's requantization on tensors, and gradients that pass through it. Integers are held in float tensors, less their zero
/// point; everything is exact.
/// </summary>
internal static class FixedPoint
{
    private const int FractionBits = 31;

    private static readonly Scalar _roundingBit = 1L << (FractionBits - 1);
    private static readonly Scalar _half = 0.5;

    /// <summary>
    /// The exact values with the gradient of others: what is rounded has no slope, so the slope of what was rounded stands in for it.
    /// Source: Bengio et al., "Estimating or propagating gradients through stochastic neurons" (2013), the straight-through estimator.
    /// </summary>
    /// <param name="exact">The value.</param>
    /// <param name="smooth">Where the gradient goes.</param>
    public static Tensor StraightThrough(Tensor exact, Tensor smooth) => exact.detach().Plus(smooth - smooth.detach());

    /// <summary>Steps 1 to 3 of the requantization, without zero point and clamp: QUANTIZATION.md, section 2.</summary>
    /// <param name="integers">Int64; overwritten.</param>
    /// <param name="factors">One, or one a channel, in the shape in which it is multiplied.</param>
    /// <returns>Integers as doubles.</returns>
    public static Tensor Requantize(Tensor integers, Factors factors)
    {
        using Tensor bits = tensor((long)FractionBits);
        // |h| is below 2^32, so a double holds it and its halves, quarters...
        Tensor h = integers.mul_(factors.Multipliers).add_(_roundingBit, Kept.One).bitwise_right_shift_(bits).to(ScalarType.Float64);
        return Round(h.mul_(factors.Powers));
    }

    /// <summary>The nearest integer, halves away from zero; in place.</summary>
    public static Tensor Round(Tensor values)
    {
        using Tensor halves = values.sign().mul_(_half);
        return values.add_(halves, Kept.One).trunc_();
    }

    /// <summary>Multipliers and shifts as tensors.</summary>
    /// <param name="Multipliers">Int64: the Q0.31 multiplier times 2^(left shift).</param>
    /// <param name="Powers">Float64: 2^-(right shift).</param>
    public readonly record struct Factors(Tensor Multipliers, Tensor Powers)
    {
        /// <summary>Of some channels.</summary>
        /// <param name="factors">One a channel.</param>
        /// <param name="shape">Their shape as tensors.</param>
        public static Factors Of(IReadOnlyList<QuantizedMultiplier> factors, params long[] shape) => new(
            tensor(factors.Select(f => (long)f.Multiplier << Math.Max(f.Shift, 0)).ToArray(), shape),
            tensor(factors.Select(f => Math.ScaleB(1, -Math.Max(-f.Shift, 0))).ToArray(), shape));
    }
}
