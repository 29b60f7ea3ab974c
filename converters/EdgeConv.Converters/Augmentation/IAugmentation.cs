using EdgeConv.Converters.Data;

namespace EdgeConv.Converters.Augmentation;

/// <summary>Changes training pictures at random, so that the network sees each in many forms. Safe for several threads.</summary>
public interface IAugmentation
{
    /// <summary>Writes a changed copy.</summary>
    /// <param name="source">Height * width * channels bytes, HWC.</param>
    /// <param name="target">As many bytes; no part of the source.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="random">The only source of chance: equal generators give equal pictures.</param>
    void Apply(ReadOnlySpan<byte> source, Span<byte> target, int height, int width, ref SplitMix64 random);
}
