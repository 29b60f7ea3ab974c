namespace EdgeConv.Converters.Quantization;

/// <summary>What a value's scale and zero point shall be.</summary>
/// <param name="Range">The values that it takes.</param>
/// <param name="Given">What the network's file says; null where a scale is to be chosen.</param>
internal readonly record struct WantedScale(ValueRange Range, ActivationQuantization? Given)
{
    /// <summary>The given scale, or the one that a scheme chooses.</summary>
    public ActivationQuantization Of(ActivationScheme scheme) => Given ?? ActivationQuantization.FromRange(Range, scheme);
}
