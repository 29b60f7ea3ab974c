namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Output pixels of one remainder modulo the stride, along one side. They all meet the same kernel taps, one source pixel further each:
/// an ordinary convolution of stride 1 with the taps in reverse.
/// </summary>
/// <param name="First">First output pixel; the next is a stride further.</param>
/// <param name="Count">Output pixels.</param>
/// <param name="Source">Source pixel that output pixel <paramref name="First"/> takes with the first of the taps; may lie outside the image.</param>
/// <param name="Dilation">Source pixels from one tap to the next.</param>
/// <param name="Taps">Kernel taps in the order of their source pixels.</param>
internal readonly record struct TransposedPhase(int First, int Count, int Source, int Dilation, int[] Taps)
{
    /// <summary>Source pixel of the last output pixel's last tap.</summary>
    public int LastSource => Source + Count - 1 + (Taps.Length - 1) * Dilation;
}

/// <summary>A transposed convolution taken apart into ordinary ones, along one side.</summary>
internal static class TransposedPhases
{
    /// <summary>The phases that have taps; output pixels of no phase see no input at all.</summary>
    /// <param name="input">Source pixels.</param>
    /// <param name="output">Output pixels.</param>
    /// <param name="kernel">Taps.</param>
    /// <param name="stride">Output pixels from one source pixel's first tap to the next one's.</param>
    /// <param name="dilation">Output pixels from one tap to the next.</param>
    /// <param name="pad">Output pixels that are cut off before the first.</param>
    public static TransposedPhase[] Of(int input, int output, int kernel, int stride, int dilation, int pad)
    {
        // output y takes tap k from source (y + pad - k * dilation) / stride; larger k are further back
        var phases = new SortedDictionary<int, List<(int Tap, int Source)>>();
        for (int k = kernel - 1; k >= 0; k--)
        {
            int reach = k * dilation - pad, first = (reach % stride + stride) % stride;
            if (first >= output)
            {
                continue;
            }

            int count = Count(first), source = (first - reach) / stride;
            if (source < input && source + count > 0)   // a tap that only meets padding adds nothing
            {
                if (!phases.TryGetValue(first, out List<(int, int)>? taps))
                {
                    phases[first] = taps = [];
                }

                taps.Add((k, source));
            }
        }

        return [.. phases.Select(p => new TransposedPhase(p.Key, Count(p.Key), p.Value[0].Source,
            p.Value.Count > 1 ? p.Value[1].Source - p.Value[0].Source : 1, [.. p.Value.Select(t => t.Tap)]))];

        int Count(int first) => (output - first - 1) / stride + 1;
    }
}
