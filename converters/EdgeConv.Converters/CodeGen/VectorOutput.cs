namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Instructions that take vectors of four sums to bytes by the two roundings, and the table that they read: [four filters][bias, multiplier, shift][filter].
/// </summary>
/// <param name="ZeroPoint">Of the output.</param>
/// <param name="Min">The least byte.</param>
/// <param name="Max">The largest.</param>
internal sealed record VectorOutput(int ZeroPoint, int Min, int Max)
{
    /// <summary>Filters of a vector.</summary>
    public const int Lanes = 4;

    // Where what is negative becomes the least byte anyway, halves need not be rounded away from zero.
    private bool IsPositive => Min >= ZeroPoint;

    private bool IsByte => (Min, Max) == (sbyte.MinValue, sbyte.MaxValue);

    /// <summary>Instructions of a vector.</summary>
    public int Instructions => 6 + (IsPositive ? 0 : 3) + (ZeroPoint == 0 ? 0 : 1) + (IsByte ? 0 : 4);

    /// <summary>Bytes of the table's part for so many filters.</summary>
    public static int Bytes(int filters) => (filters + Lanes - 1) / Lanes * Lanes * 3 * sizeof(int);

    /// <summary>The table.</summary>
    public static int[] Numbers(IReadOnlyList<int> bias, IReadOnlyList<int> multiplier, IReadOnlyList<int> shift)
    {
        List<int> numbers = [];
        for (int filter = 0; filter < bias.Count; filter += Lanes)
        {
            foreach (IReadOnlyList<int> of in (IReadOnlyList<int>[])[bias, multiplier, shift])
            {
                numbers.AddRange(Enumerable.Range(filter, Lanes).Select(f => f < of.Count ? of[f] : 0));
            }
        }

        return [.. numbers];
    }

    /// <summary>Bias, multipliers and shifts of the next four filters from r5 on to q0, q1 and q2; the zero point to r0.</summary>
    public IEnumerable<string> Load() =>
    [
        "vldrw.u32 q0, [r5], #16", "vldrw.u32 q1, [r5], #16", "vldrw.u32 q2, [r5], #16", .. ZeroPoint == 0 ? [] : Small("r0", ZeroPoint),
    ];

    /// <summary>What <see cref="Load"/> has loaded applied to the sums of q, by way of a spare vector and r2; the bytes are the lanes' low ones.</summary>
    public IEnumerable<string> Round(string q, string spare)
    {
        List<string> lines = [$"vadd.i32 {q}, {q}, q0", $"vqrdmulh.s32 {q}, {q}, q1"];
        if (!IsPositive)
        {
            // A half has gone up; one less below zero, and the next shift sends it down.
            lines.AddRange($"vand {spare}, {q}, q2", $"vshr.s32 {spare}, {spare}, #31", $"vqadd.s32 {q}, {q}, {spare}");
        }

        lines.Add($"vrshl.s32 {q}, {q}, q2");
        if (ZeroPoint != 0)
        {
            lines.Add($"vqadd.s32 {q}, {q}, r0");
        }

        if (Min > sbyte.MinValue)
        {
            lines.AddRange([.. Small("r2", Min), $"vdup.32 {spare}, r2", $"vmax.s32 {q}, {q}, {spare}"]);
        }

        return Max < sbyte.MaxValue
            ? [.. lines, .. Small("r2", Max), $"vdup.32 {spare}, r2", $"vmin.s32 {q}, {q}, {spare}", .. Min > sbyte.MinValue ? [] : Saturate(q)]
            : [.. lines, .. Saturate(q)];
    }

    private static string[] Saturate(string q) => [$"vqmovnb.s32 {q}, {q}", $"vqmovnb.s16 {q}, {q}"];

    private static string[] Small(string register, int value) => [value < 0 ? $"mvn {register}, #{~value}" : $"mov {register}, #{value}"];
}
