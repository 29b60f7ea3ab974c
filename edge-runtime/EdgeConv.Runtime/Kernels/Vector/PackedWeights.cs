using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>The weights of some output channels in the order in which a micro-kernel reads them, with their panels of bias and multipliers.</summary>
internal sealed unsafe class PackedWeights<T> : IDisposable
    where T : struct, ITapOrder
{
    private const int ChannelsAtOnce = 64;

    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _panels;

    /// <summary>Packs channels [first, first + channels) of OHWI weights.</summary>
    /// <param name="weights">All weights of the layer, OHWI (or OI).</param>
    /// <param name="taps">Weights of one channel.</param>
    /// <param name="segments">Runs that the taps fall into.</param>
    /// <param name="first">First output channel.</param>
    /// <param name="channels">Number of output channels.</param>
    /// <param name="model">Told what is read and what has been; null where the weights are not its own.</param>
    public PackedWeights(ReadOnlySpan<sbyte> weights, int taps, int segments, int first, int channels, Model? model = null)
    {
        Channels = channels;
        Sums = new int[channels];
        PanelCount = Panel.Count(channels);
        int run = taps / segments;
        Steps = (run + T.StepTaps - 1) / T.StepTaps;
        PanelBytes = (nint)segments * Steps * T.StepTaps * Panel.Channels;
        _weights = new NativeBuffer(PanelCount * PanelBytes);
        _panels = new NativeBuffer(PanelCount * Panel.Ints * sizeof(int));
        fixed (sbyte* layer = weights)
        {
            for (int channel = 0; channel < channels; channel += ChannelsAtOnce)
            {
                // read, summed and forgotten before the next ones, so that large layers are never in memory twice
                int end = Math.Min(channel + ChannelsAtOnce, channels);
                ReadOnlySpan<sbyte> part = weights[((first + channel) * taps)..((first + end) * taps)];
                model?.ReadAhead(part);
                for (int c = channel; c < end; c++)
                {
                    Pack(c, layer + (nint)(first + c) * taps, segments, run);
                    Sums[c] = FoldedBias.Sum(part.Slice((c - channel) * taps, taps));
                }

                model?.Forget(part);
            }
        }

        for (int panel = 0; panel < PanelCount; panel++)
        {
            PanelAt(panel)[Panel.FitsShortSums] = T.FitsShortSums(Weights(panel), PanelBytes) ? 1 : 0;
            PanelAt(panel)[Panel.RealChannels] = Math.Min(channels - panel * Panel.Channels, Panel.Channels);
        }
    }

    public int Channels { get; }

    /// <summary>Of each channel's weights.</summary>
    public int[] Sums { get; }

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

    /// <summary>Deals one channel's taps out to its place in every group; what is behind a run stays 0 and adds nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]   // at its best from the first call on: a model is packed once
    private void Pack(int channel, sbyte* from, int segments, int run)
    {
        nint group = T.AdjacentTaps * Panel.Channels, segmentBytes = (nint)Steps * T.StepTaps * Panel.Channels;
        sbyte* segment = Weights(channel / Panel.Channels) + channel % Panel.Channels * T.AdjacentTaps;
        for (int s = 0; s < segments; s++, segment += segmentBytes)
        {
            sbyte* to = segment, end = from + run;
            for (; from <= end - T.AdjacentTaps; from += T.AdjacentTaps, to += group)
            {
                CopyGroup(from, to);
            }

            while (from < end)
            {
                *to++ = *from++;
            }
        }
    }

    /// <summary>One load and one store: the kernels' groups are as large as some register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyGroup(sbyte* from, sbyte* to)
    {
        switch (T.AdjacentTaps)
        {
            case 16:
                Vector128.Load(from).Store(to);
                break;
            case 4:
                *(int*)to = *(int*)from;
                break;
            case 2:
                *(short*)to = *(short*)from;
                break;
            default:
                Debug.Assert(T.AdjacentTaps == 1);
                *to = *from;
                break;
        }
    }
}
