namespace EdgeConv.Converters.CodeGen;

/// <summary>Lines of Thumb-2 that kernels share.</summary>
internal static class Assembly
{
    private const int Most = 4095;

    /// <summary>A C function that is nothing but these instructions.</summary>
    public static string Function(string name, string parameters, IEnumerable<string> lines) => $$"""
        EDGECONV_NAKED static void {{name}}({{parameters}})
        {
            __asm__ volatile(
        {{string.Join('\n', lines.Select(line => $"        \"{line}\\n\""))}}
            );
        }
        """;

    /// <summary>A number in a register.</summary>
    public static IEnumerable<string> Constant(string register, int value)
    {
        yield return $"movw {register}, #{value & 0xFFFF}";
        if ((uint)value > 0xFFFF)
        {
            yield return $"movt {register}, #{(uint)value >> 16}";
        }
    }

    /// <summary>A number added to a register, by way of a spare one where it is large.</summary>
    public static IEnumerable<string> Add(string register, int value, string spare) => value switch
    {
        0 => [],
        > 0 and <= Most => [$"addw {register}, {register}, #{value}"],
        < 0 and >= -Most => [$"subw {register}, {register}, #{-value}"],
        _ => [.. Constant(spare, value), $"add {register}, {register}, {spare}"],
    };

    /// <summary>A register and a number, in another one.</summary>
    public static IEnumerable<string> AddTo(string register, string from, int value) => value is >= 0 and <= Most
        ? [$"addw {register}, {from}, #{value}"]
        : [.. Constant(register, value), $"add {register}, {register}, {from}"];

    /// <summary>The larger of two registers, in the first.</summary>
    public static IEnumerable<string> Larger(string a, string b) => [$"cmp {a}, {b}", "it lt", $"movlt {a}, {b}"];
}
