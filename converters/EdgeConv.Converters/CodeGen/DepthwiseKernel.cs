namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// The inner loop of <see cref="DspDepthwise"/>: four channels at two places, all taps of the window one after the other. A tap takes one load of
/// weights (LDRD), and at each place a load, two widenings and four products: fifteen instructions for eight.
/// </summary>
/// <param name="Name">Of the C function: void NAME(const int8_t *x, const uint32_t *w, int32_t *sums), sums[4 * place + channel].</param>
/// <param name="Offsets">Of the taps, in bytes.</param>
/// <param name="Place">Bytes from the first place to the second.</param>
internal sealed record DepthwiseKernel(string Name, IReadOnlyList<int> Offsets, int Place)
{
    private const int MostOffset = 4095;

    /// <summary>Instructions of a call.</summary>
    public int Instructions => Offsets.Count * 15 + 8;

    /// <summary>Whether every tap can be reached from the first.</summary>
    public bool Reaches => Offsets.Max() + Place <= MostOffset;

    /// <summary>The function: assembly where the instructions exist, the same in C elsewhere.</summary>
    public string Text() => $$"""
        #if defined(__ARM_FEATURE_DSP)
        {{Assembly.Function(Name, "const int8_t *x EDGECONV_UNUSED, const uint32_t *w EDGECONV_UNUSED, int32_t *sums EDGECONV_UNUSED", Lines())}}
        #else
        static void {{Name}}(const int8_t *x, const uint32_t *w, int32_t *sums)
        {
            static const int16_t offsets[{{Offsets.Count}}] = { {{string.Join(", ", Offsets)}} };
            for (int32_t i = 0; i < 8; i++) {
                sums[i] = 0;
            }
            for (int32_t tap = 0; tap < {{Offsets.Count}}; tap++) {
                edgeconv_four_channels(x + offsets[tap], w + 2 * tap, sums);
                edgeconv_four_channels(x + offsets[tap] + {{Place}}, w + 2 * tap, sums + 4);
            }
        }
        #endif
        """;

    // x in r0, weights in r1, pixels in r2 and r3, sums in r4 to r11, the weights of a tap in r12 and lr; the pointer to the sums waits on the stack.
    private IEnumerable<string> Lines()
    {
        yield return "push {r2, r4-r11, lr}";
        bool isFirst = true;
        foreach (int offset in Offsets)
        {
            yield return "ldrd r12, lr, [r1], #8";
            for (int place = 0; place < 2; place++)
            {
                yield return $"ldr r2, [r0, #{offset + place * Place}]";
                yield return "sxtb16 r3, r2";
                yield return "sxtb16 r2, r2, ror #8";
                yield return Product("bb", 4 + 4 * place, "r3", "r12");
                yield return Product("tt", 6 + 4 * place, "r3", "r12");
                yield return Product("bb", 5 + 4 * place, "r2", "lr");
                yield return Product("tt", 7 + 4 * place, "r2", "lr");
            }

            isFirst = false;
        }

        yield return "pop {r2}";
        yield return "stm r2, {r4-r11}";
        yield return "pop {r4-r11, pc}";

        string Product(string halves, int sum, string pixels, string weights) =>
            isFirst ? $"smul{halves} r{sum}, {pixels}, {weights}" : $"smla{halves} r{sum}, {pixels}, {weights}, r{sum}";
    }
}
