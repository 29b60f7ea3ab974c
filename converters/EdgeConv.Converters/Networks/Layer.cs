using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Networks;

/// <summary>
/// One layer of a network, as data: sizes, what is learnt, and the operation that the converter receives. What torch computes for it
/// stands in the trainer, so that a network can be listed, counted and explained where there is no libtorch.
/// </summary>
public abstract record Layer
{
    /// <summary>What other layers call it; null for kind and number (conv1).</summary>
    public string? Name { get; init; }

    /// <summary>Names of the layers that it reads; empty for the one before it, to which <see cref="JoinLayer"/> adds these.</summary>
    public IReadOnlyList<string> From { get; init; } = [];

    /// <summary>The stem of the layer's name: conv, pool...</summary>
    public abstract string Kind { get; }

    /// <summary>What the layer does, in the lecture's terms: 6 filters 5x5, stride 1, padding 2.</summary>
    public abstract string Description { get; }

    /// <summary>The line that describes it in a network file, without name and inputs.</summary>
    public abstract string Text { get; }

    /// <summary>Size of the output.</summary>
    /// <exception cref="NetworkException">The layer does not fit its input.</exception>
    public abstract FeatureShape Output(FeatureShape input);

    /// <summary>Shapes of what is learnt, weights first, in torch's order (OIHW, [O, I], [O]).</summary>
    public virtual IReadOnlyList<long[]> ParameterShapes(FeatureShape input) => [];

    /// <summary>Length of what is measured on pictures rather than learnt: the means, then the variances of batch normalization.</summary>
    public virtual int Statistics(FeatureShape input) => 0;

    /// <summary>Multiply-accumulates for one picture.</summary>
    public virtual long Macs(FeatureShape input) => 0;

    /// <summary>Values that one output value sums over; the scale of the initial weights follows from it.</summary>
    public virtual int FanIn(FeatureShape input) => 1;

    /// <summary>Learnt values of which int8 files hold one byte each; a bias has four.</summary>
    public virtual long Weights(FeatureShape input) => 0;

    /// <summary>Whether training changes the weights.</summary>
    public virtual bool Frozen => false;

    /// <summary>How size, parameters and multiply-accumulates come about, in the lecture's terms; empty where there is nothing to say.</summary>
    public virtual IReadOnlyList<string> Explain(FeatureShape input) => [];

    /// <summary>The same layer for the converter, NHWC, weights OHWI; null where nothing is left of it after training.</summary>
    /// <param name="input">Size of the (first) input.</param>
    /// <param name="parameters">In the order of <see cref="ParameterShapes"/>.</param>
    /// <param name="statistics"><see cref="Statistics"/> values.</param>
    public abstract Operation? Export(FeatureShape input, IReadOnlyList<float[]> parameters, float[] statistics);

    /// <summary>[O, C, H, W] to [O, H, W, C].</summary>
    private protected static float[] ToChannelsLast(float[] weights, int outputs, int channels, int pixels)
    {
        var result = new float[weights.Length];
        for (int o = 0; o < outputs; o++)
            for (int c = 0; c < channels; c++)
                for (int p = 0; p < pixels; p++)
                    result[(o * pixels + p) * channels + c] = weights[(o * channels + c) * pixels + p];
        return result;
    }
}

/// <summary>A layer that joins the layer before it with others.</summary>
public abstract record JoinLayer : Layer
{
    /// <summary>Size of the output of all inputs, the one before it first.</summary>
    /// <exception cref="NetworkException">They do not go together.</exception>
    public abstract FeatureShape Output(IReadOnlyList<FeatureShape> inputs);

    /// <inheritdoc/>
    public sealed override FeatureShape Output(FeatureShape input) => Output([input]);
}
