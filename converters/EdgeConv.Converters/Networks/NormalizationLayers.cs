using System.Globalization;
using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Networks;

/// <summary>
/// (x - mean) / sqrt(variance + epsilon) * scale + shift, a channel at a time: of the batch in training, of many training pictures
/// afterwards; folded into the convolution before it by the converter. Source: Ioffe, Szegedy, "Batch normalization" (2015).
/// </summary>
public sealed record BatchNormLayer : Layer
{
    /// <summary>Added to the variance.</summary>
    public const float Epsilon = 1e-5f;

    /// <inheritdoc/>
    public override string Kind => "bn";

    /// <inheritdoc/>
    public override string Description => "batch normalization";

    /// <inheritdoc/>
    public override string Text => "bn";

    /// <inheritdoc/>
    public override FeatureShape Output(FeatureShape input) => input;

    /// <inheritdoc/>
    public override IReadOnlyList<long[]> ParameterShapes(FeatureShape input) => [[input.Channels], [input.Channels]];

    /// <inheritdoc/>
    public override int Statistics(FeatureShape input) => 2 * input.Channels;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Explain(FeatureShape input) =>
        [string.Create(CultureInfo.InvariantCulture, $"{input.Channels} * (scale + shift) = {2 * input.Channels:N0} parameters")];

    /// <inheritdoc/>
    public override Operation Export(FeatureShape input, IReadOnlyList<float[]> parameters, float[] statistics) =>
        new BatchNormalization(parameters[0], parameters[1], statistics[..input.Channels], statistics[input.Channels..], Epsilon);
}

/// <summary>
/// x / (K + Alpha * sum of x^2 over Size neighbouring channels)^Beta. Source: Krizhevsky, Sutskever, Hinton, "ImageNet classification with
/// deep convolutional neural networks" (2012), section 3.3.
/// </summary>
/// <param name="Size">Channels in the window, odd.</param>
/// <param name="Alpha">Of the sum, as in the paper; ONNX and torch divide theirs by the size.</param>
/// <param name="Beta">The exponent.</param>
/// <param name="K">Positive.</param>
public sealed record LrnLayer(int Size = 5, float Alpha = 1e-4f, float Beta = 0.75f, float K = 2) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "lrn";

    /// <inheritdoc/>
    public override string Description => $"local response normalization over {Size} channels";

    /// <inheritdoc/>
    public override string Text =>
        $"lrn {Size} alpha {LayerText.Number(Alpha)} beta {LayerText.Number(Beta)} k {LayerText.Number(K)}";

    /// <inheritdoc/>
    public override FeatureShape Output(FeatureShape input) => Size % 2 == 1
        ? input
        : throw new NetworkException($"A window of {Size} channels has no middle; an odd number is expected.");

    /// <inheritdoc/>
    public override Operation Export(FeatureShape input, IReadOnlyList<float[]> parameters, float[] statistics) =>
        new Lrn(Size, Alpha * Size, Beta, K);
}

/// <summary>
/// In training a part of the values becomes 0 and the others grow to make up for it; afterwards nothing is left of the layer.
/// Source: Srivastava et al., "Dropout" (2014).
/// </summary>
/// <param name="Part">What becomes 0, from 0 to below 1.</param>
public sealed record DropoutLayer(float Part = 0.5f) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "dropout";

    /// <inheritdoc/>
    public override string Description => $"{LayerText.Number(Part * 100)} % become 0 in training";

    /// <inheritdoc/>
    public override string Text => $"dropout {LayerText.Number(Part)}";

    /// <inheritdoc/>
    public override FeatureShape Output(FeatureShape input) => input;

    /// <inheritdoc/>
    public override Operation? Export(FeatureShape input, IReadOnlyList<float[]> parameters, float[] statistics) => null;
}
