using EdgeConv.Converters.Data;

namespace EdgeConv.Converters.Augmentation;

/// <summary>Moves each channel by an amount of its own, as R+20 G-20 B+20: light of another colour.</summary>
/// <param name="Levels">Most, of 255, either way.</param>
public sealed record ColorShift(float Levels) : IAugmentation
{
    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<byte> source, Span<byte> target, int height, int width, ref SplitMix64 random)
    {
        int channels = source.Length / (height * width);
        Span<byte> table = stackalloc byte[256];
        for (int c = 0; c < channels; c++)
        {
            float shift = random.NextSymmetric(Levels);
            for (int p = 0; p < table.Length; p++) table[p] = Sampling.ToByte(p + shift);
            for (int i = c; i < source.Length; i += channels) target[i] = table[source[i]];
        }
    }
}

/// <summary>Lighter or darker, flatter or harder, all channels together.</summary>
/// <param name="Levels">Most that is added, of 255, either way.</param>
/// <param name="Contrast">0.2: from 0.8 to 1.2 times the distance to the middle.</param>
public sealed record Brightness(float Levels, float Contrast) : IAugmentation
{
    private const float Middle = 127.5f;

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<byte> source, Span<byte> target, int height, int width, ref SplitMix64 random)
    {
        float shift = random.NextSymmetric(Levels), factor = 1 + random.NextSymmetric(Contrast);
        Span<byte> table = stackalloc byte[256];
        for (int p = 0; p < table.Length; p++) table[p] = Sampling.ToByte((p - Middle) * factor + Middle + shift);
        for (int i = 0; i < source.Length; i++) target[i] = table[source[i]];
    }
}

/// <summary>Noise of a normal distribution on each value, as of a sensor in the dark.</summary>
/// <param name="Levels">Largest standard deviation, of 255; each picture draws its own from 0 on.</param>
public sealed record Noise(float Levels) : IAugmentation
{
    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<byte> source, Span<byte> target, int height, int width, ref SplitMix64 random)
    {
        float deviation = random.NextSingle() * Levels;
        for (int i = 0; i < source.Length; i++) target[i] = Sampling.ToByte(source[i] + deviation * Normal(ref random));
    }

    // Sum of four 16-bit uniforms, brought to mean 0 and variance 1: near enough to normal, for one draw and no logarithm.
    private static float Normal(ref SplitMix64 random)
    {
        ulong bits = random.Next();
        float sum = (bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48);
        return (sum / 65536 - 2) * 1.7320508f;
    }
}
