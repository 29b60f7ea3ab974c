namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// The C functions that sum up a window for a few filters, whose weights lie side by side: a pixel is read once for all of them, and with two
/// positions at a time a weight once for both. Zero points are in the bias, padding is in the rows.
/// </summary>
/// <param name="name">The layer's.</param>
/// <param name="rows">Rows of the window.</param>
/// <param name="run">Bytes of a row of the window that lie side by side.</param>
/// <param name="taps">Such runs in a row of the window, one where all of it lies side by side.</param>
/// <param name="tapStep">Bytes from one of them to the next.</param>
/// <param name="rowStep">Bytes from one row of the window to the next.</param>
/// <param name="numbers">What sums begin with, and what they take of a pixel.</param>
/// <param name="isPacked">Weights of int4, two a byte.</param>
internal sealed class SumText(string name, int rows, int run, int taps, int tapStep, int rowStep, OutputNumbers numbers, bool isPacked = false)
{
    /// <summary>Name of the function for one position.</summary>
    public string One(int size) => $"{name}_one{size}";

    /// <summary>Name of the function for two.</summary>
    public string Two(int size) => $"{name}_two{size}";

    /// <summary>One position.</summary>
    public string WriteOne(int size) => $$"""
        static void {{One(size)}}(const int8_t *x, const int8_t *w{{numbers.BiasParameter}}, int32_t *sums)
        {
        {{Each(size, i => $"    int32_t s{i} = {numbers.Start(i)};")}}
            for (int32_t row = 0; row < {{rows}}; row++) {
        {{Taps($$"""
            for (int32_t i = 0; i < {{run}}; i++) {
                const int32_t v = {{numbers.Pixel(taps > 1 ? "tap[i]" : "x[i]")}};
            {{Each(size, i => $"    s{i} += v * {PackedWeights.Weight(i, isPacked)};")}}
                w += {{PackedWeights.Bytes(size, isPacked)}};
            }
            """)}}
                x += {{rowStep}};
            }
        {{Each(size, i => $"    sums[{i}] = s{i};")}}
        }
        """;

    /// <summary>Two positions: the sums of the second stand behind those of the first.</summary>
    /// <param name="size">Filters.</param>
    /// <param name="distance">Bytes from the first position to the second.</param>
    public string WriteTwo(int size, int distance) => $$"""
        static void {{Two(size)}}(const int8_t *x, const int8_t *w{{numbers.BiasParameter}}, int32_t *sums)
        {
        {{Each(size, i => $"    int32_t a{i} = {numbers.Start(i)}, b{i} = {numbers.Start(i)};")}}
            for (int32_t row = 0; row < {{rows}}; row++) {
                for (int32_t i = 0; i < {{run}}; i++) {
                    const int32_t a = {{numbers.Pixel("x[i]")}}, b = {{numbers.Pixel($"x[i + {distance}]")}};
        {{Each(size, i => TwoProducts(i))}}
                    w += {{PackedWeights.Bytes(size, isPacked)}};
                }
                x += {{rowStep}};
            }
        {{Each(size, i => $"    sums[{i}] = a{i};\n    sums[{size + i}] = b{i};")}}
        }
        """;

    private string TwoProducts(int i) => isPacked
        ? $"            const int32_t w{i} = {PackedWeights.Weight(i, isPacked)};\n            a{i} += a * w{i};\n            b{i} += b * w{i};"
        : $"            a{i} += a * w[{i}];\n            b{i} += b * w[{i}];";

    private string Taps(string loop)
    {
        string inner = "        " + loop.Replace("\n", "\n        ");
        return taps == 1 ? inner : $$"""
                    for (int32_t column = 0; column < {{taps}}; column++) {
                        const int8_t *const tap = x + {{CModel.Times("column", tapStep)}};
            {{"    " + inner.Replace("\n", "\n    ")}}
                    }
            """;
    }

    private static string Each(int size, Func<int, string> line) => string.Join('\n', Enumerable.Range(0, size).Select(line));
}
