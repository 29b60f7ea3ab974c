namespace EdgeConv.Converters.Data;

/// <summary>
/// A small random generator whose sequence never changes, on any machine or .NET version, and whose state is one number that a
/// checkpoint can hold. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014).
/// </summary>
public struct SplitMix64
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state;

    /// <summary>Starts the sequence of a seed.</summary>
    public SplitMix64(ulong seed) => _state = seed;

    /// <summary>An independent sequence for each combination of numbers, such as seed, epoch and picture.</summary>
    public static SplitMix64 For(ulong seed, ulong a, ulong b = 0, ulong c = 0) =>
        new(Mix(Mix(Mix(Mix(seed + Golden) + a) + Golden + b) + Golden + c));

    /// <summary>The next 64 bits.</summary>
    public ulong Next() => Mix(_state += Golden);

    /// <summary>Uniform in [0, 1), 24 bits.</summary>
    public float NextSingle() => (Next() >> 40) * (1f / (1 << 24));

    /// <summary>Uniform in [-magnitude, magnitude).</summary>
    public float NextSymmetric(float magnitude) => (2 * NextSingle() - 1) * magnitude;

    /// <summary>Uniform in [0, count); the bias of the multiplication is below count / 2^64.</summary>
    public int NextInt32(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);

    /// <summary>Fisher and Yates.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextInt32(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
