namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// The loop that does most of the work on processors with the DSP extension: eight sums at once, of two places by four lanes. A lane is a filter, or a
/// filter at one of two rows. Words are two int16, of two channels or of two rows; SMLAD adds both products. A word that the second place has read is
/// the first place's next one, so that a step of the window takes one load of pixels, two of weights (LDRD) and eight products; all fourteen
/// registers are in use, which no compiler finds.
/// Weights that take no more flash than bytes: two lanes' a and b as the int16 256 b + a. SMLAD of such words sums 256 b x + a x, SXTB16 leaves a, whose own
/// sum is taken off at the end; one instruction more a step of the window for each two lanes. See <see cref="PairedWeights"/>.
/// </summary>
/// <param name="Name">Of the C function: void NAME(const uint32_t *x, const uint32_t *w, int32_t *sums), sums[4 * place + lane].</param>
/// <param name="Groups">Runs of the window.</param>
/// <param name="Taps">Words of a run, side by side.</param>
/// <param name="Place">Words from the first place to the second.</param>
/// <param name="GroupStep">Words from one run to the next.</param>
/// <param name="IsPaired">Whether a word of weights has those of two lanes.</param>
internal sealed record DotKernel(string Name, int Groups, int Taps, int Place, int GroupStep, bool IsPaired = false)
{
    /// <summary>Lanes of a place.</summary>
    public const int Lanes = 4;

    private const string TakenApart = "\n    for (int32_t i = 1; i < 8; i += 2) {\n        sums[i] = (sums[i] - sums[i - 1]) >> 8;\n    }";
    private const int MostTapsUnrolled = 20, MostOffset = 4095;

    // Groups in one turn of the loop: few turns, but not a page of code, and offsets that fit a load.
    private readonly int _unrolled = Enumerable.Range(1, Groups).Last(n => n == 1 || (Groups % n == 0 && n * Taps <= MostTapsUnrolled
        && 4 * ((n - 1) * GroupStep + Taps + Place) <= MostOffset));

    private int Turns => Groups / _unrolled;

    /// <summary>Words of weights that four lanes have: [group][tap][lane], or [group][tap][pair of lanes].</summary>
    public int Weights => Groups * Taps * (IsPaired ? Lanes / 2 : Lanes);

    /// <summary>Words that <see cref="Body"/> moves the pointer to the pixels on.</summary>
    public int Moved => Turns > 1 ? Groups * GroupStep : 0;

    /// <summary>Instructions of a call.</summary>
    public long Instructions => Groups * (long)(Taps * ((Place == 1 ? 11 : 12) + (IsPaired ? 1 : 0)) + (Place == 1 ? 1 : 0)) + (IsPaired ? 8 : 0) + (Turns > 1 ? Turns * 4 + 6 : 0) + 5;

    /// <summary>The function: assembly where the instructions exist, the same in C elsewhere.</summary>
    public string Text() => $$"""
        #if defined(__ARM_FEATURE_DSP)
        {{Assembly.Function(Name, "const uint32_t *x EDGECONV_UNUSED, const uint32_t *w EDGECONV_UNUSED, int32_t *sums EDGECONV_UNUSED",
            ["push {r2, r4-r11, lr}", .. Body(isFromZero: true, "1"), "pop {r2}", "stm r2, {r4-r11}", "pop {r4-r11, pc}"])}}
        #else
        {{TextInC()}}
        #endif
        """;

    /// <summary>The same in C, for tests and to be read.</summary>
    public string TextInC() => $$"""
        static void {{Name}}(const uint32_t *x, const uint32_t *w, int32_t *sums)
        {
            for (int32_t i = 0; i < 8; i++) {
                sums[i] = 0;
            }
            for (int32_t group = 0; group < {{Groups}}; group++) {
                for (int32_t tap = 0; tap < {{Taps}}; tap++) {
                    for (int32_t lane = 0; lane < 4; lane++) {
                        const uint32_t v = {{(IsPaired ? "lane % 2 == 0 ? edgeconv_even(w[lane / 2]) : w[lane / 2]" : "w[lane]")}};
                        sums[lane] = edgeconv_two_products(x[tap], v, sums[lane]);
                        sums[4 + lane] = edgeconv_two_products(x[tap + {{Place}}], v, sums[4 + lane]);
                    }
                    w += {{(IsPaired ? 2 : 4)}};
                }
                x += {{GroupStep}};
            }{{(IsPaired ? TakenApart : "")}}
        }
        """;

    /// <summary>
    /// The instructions: x in r0, weights in r1, which moves on, pixels in r2 and r3, sums in r4 to r11, two weights in r12 and lr.
    /// </summary>
    /// <param name="isFromZero">Whether sums begin with 0, not with what is in their registers.</param>
    /// <param name="label">Of a loop, a number that is not used close by.</param>
    public IEnumerable<string> Body(bool isFromZero, string label)
    {
        bool isFirst = isFromZero;
        if (Turns > 1)
        {
            // The loop ends where the weights end.
            foreach (string line in (string[])[.. Assembly.Constant("r2", Weights * 4), "add r2, r2, r1", "push {r2}"])
            {
                yield return line;
            }

            for (int i = 4; i < 12 && isFirst; i++)
            {
                yield return $"mov r{i}, #0";
            }

            yield return $"{label}:";
            isFirst = false;
        }

        for (int group = 0; group < _unrolled; group++)
        {
            int at = 4 * group * GroupStep;
            (string a, string b) = ("r2", "r3");
            if (Place == 1)
            {
                yield return $"ldr {a}, [r0, #{at}]";
            }

            for (int tap = 0; tap < Taps; tap++)
            {
                if (Place != 1)
                {
                    yield return $"ldr {a}, [r0, #{at + 4 * tap}]";
                }

                yield return $"ldr {b}, [r0, #{at + 4 * (tap + Place)}]";
                foreach (string line in IsPaired ? PairedProducts(a, b) : Products(a, b))
                {
                    yield return line;
                }

                isFirst = false;
                if (Place == 1)
                {
                    (a, b) = (b, a);
                }
            }
        }

        if (Turns > 1)
        {
            foreach (string line in (string[])[.. Assembly.Add("r0", 4 * _unrolled * GroupStep, "r12"), "ldr r2, [sp]", "cmp r1, r2", $"bne {label}b", "add sp, sp, #4"])
            {
                yield return line;
            }
        }

        for (int i = 4; i < 12 && IsPaired; i += 2)
        {
            yield return $"sub r{i + 1}, r{i + 1}, r{i}";
            yield return $"asr r{i + 1}, r{i + 1}, #8";
        }

        IEnumerable<string> Products(string a, string b) => Enumerable.Range(0, 2).SelectMany(pair => (string[])
        [
            "ldrd r12, lr, [r1], #8", Product(4 + 2 * pair, a, "r12"), Product(5 + 2 * pair, a, "lr"), Product(8 + 2 * pair, b, "r12"), Product(9 + 2 * pair, b, "lr"),
        ]);

        IEnumerable<string> PairedProducts(string a, string b) =>
        [
            "ldrd r12, lr, [r1], #8", Product(5, a, "r12"), Product(9, b, "r12"), Product(7, a, "lr"), Product(11, b, "lr"), "sxtb16 r12, r12", "sxtb16 lr, lr",
            Product(4, a, "r12"), Product(8, b, "r12"), Product(6, a, "lr"), Product(10, b, "lr"),
        ];

        string Product(int sum, string pixels, string weights) =>
            isFirst ? $"smuad r{sum}, {pixels}, {weights}" : $"smlad r{sum}, {pixels}, {weights}, r{sum}";
    }
}
