namespace EdgeConv.Runtime.Tests.Parity;

/// <summary>Values of one generated case: all from its seed, and its number decides which extremes it has.</summary>
internal sealed class CaseValues(int seed, int number)
{
    /// <summary>Kinds of <see cref="Bytes"/>; each case has two of them, one for activations and one for weights.</summary>
    public const int Fills = 4;

    private readonly Random _random = new(seed);

    public int Seed { get; } = seed;

    public int Next(int below) => _random.Next(below);

    public int Next(int from, int below) => _random.Next(from, below);

    /// <summary>Both ends, the middle, or any.</summary>
    public int ZeroPoint() => _random.Next(4) switch { 0 => -128, 1 => 127, 2 => 0, _ => _random.Next(-128, 128) };

    public sbyte[] Activations(int count) => Bytes(number % Fills, count, -128, 127);

    public sbyte[] Weights(int count) => Bytes(number / Fills % Fills, count, -128, 127);

    public sbyte[] Int4Weights(int count) => Bytes(number / Fills % Fills, count, -8, 7);

    public int[] Bias(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(-3000, 3000))];

    public long[] WideBias(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.NextInt64(-1 << 20, 1 << 20))];

    /// <summary>Now and then 0 or an end of the range.</summary>
    public int[] Multipliers(int count) => [.. Enumerable.Range(0, count).Select(_ => Multiplier())];

    public int Multiplier() => _random.Next(12) switch { 0 => 0, 1 => 1 << 30, 2 => int.MaxValue, _ => _random.Next(1 << 30, int.MaxValue) };

    /// <summary>Right shifts that leave sums over so many taps inside a byte, mostly.</summary>
    public int[] Shifts(int count, int taps, int extra = 0) =>
        [.. Enumerable.Range(0, count).Select(_ => -(6 + extra + (int)(Math.Log2(taps) / 2) + _random.Next(4)))];

    private sbyte[] Bytes(int fill, int count, int min, int max) => [.. Enumerable.Range(0, count).Select(i => (sbyte)(fill switch
    {
        1 => min,
        2 => max,
        3 => i % 2 == 0 ? min : max,
        _ => _random.Next(8) switch { 0 => min, 1 => max, _ => _random.Next(min, max + 1) },
    }))];
}
