namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>The weights of some output channels in the order in which a micro-kernel reads them, with their panels of bias and multipliers.</summary>
internal sealed unsafe class PackedWeights<T> : IDisposable
    where T : struct, ITapOrder
{
    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _panels;

    /// <summary>Packs channels [first, first + channels) of OHWI weights.</summary>
    /// <param name="weights">All weights of the layer, OHWI (or OI).</param>
    /// <param name="taps">Weights of one channel.</param>
    /// <param name="segments">Runs that the taps fall into.</param>
    /// <param name="first">First output channel.</param>
    /// <param name="channels">Number of output channels.</param>
    public PackedWeights(ReadOnlySpan<sbyte> weights, int taps, int segments, int first, int channels)
    {
        Channels = channels;
        PanelCount = (channels + Panel.Channels - 1) / Panel.Channels;
        int run = taps / segments;
        Steps = (run + T.StepTaps - 1) / T.StepTaps;
        PanelBytes = (nint)segments * Steps * T.StepTaps * Panel.Channels;
        _weights = new NativeBuffer(PanelCount * PanelBytes);
        _panels = new NativeBuffer(PanelCount * Panel.Ints * sizeof(int));
        sbyte* packed = (sbyte*)_weights.Pointer;
        for (int panel = 0; panel < PanelCount; panel++)
        {
            for (int segment = 0; segment < segments; segment++)
            {
                for (int group = 0; group < Steps * T.StepTaps; group += T.AdjacentTaps)
                {
                    for (int lane = 0; lane < Panel.Channels; lane++)
                    {
                        for (int tap = group; tap < group + T.AdjacentTaps; tap++)
                        {
                            int channel = panel * Panel.Channels + lane;
                            bool isReal = channel < channels && tap < run;   // the rest stays 0 and adds nothing
                            *packed++ = isReal ? weights[(first + channel) * taps + segment * run + tap] : (sbyte)0;
                        }
                    }
                }
            }
        }
    }

    public int Channels { get; }

    public int PanelCount { get; }

    /// <summary>Bytes from one panel's weights to the next.</summary>
    public nint PanelBytes { get; }

    /// <summary>Steps of a segment.</summary>
    public int Steps { get; }

    public long Bytes => _weights.Length + _panels.Length;

    public sbyte* Weights(int panel) => (sbyte*)_weights.Pointer + panel * PanelBytes;

    public int* PanelAt(int panel) => (int*)_panels.Pointer + panel * Panel.Ints;

    /// <summary>Fills a channel's column of its panel.</summary>
    public void SetChannel(int channel, int bias, int multiplier, int shift) =>
        Panel.Set(PanelAt(channel / Panel.Channels), channel % Panel.Channels, bias, multiplier, shift);

    public void Dispose()
    {
        _weights.Dispose();
        _panels.Dispose();
    }
}
