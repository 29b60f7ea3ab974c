namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// The C functions that add the products of a run of int16 elements to the sums of a few filters. With the DSP extension two elements are a word
/// as they lie; a word of four weights gives the first two as its even bytes and the others as its odd ones, so nothing is shuffled, and
/// SMLAD (SMLALD for int64 sums) adds two products. Runs are filled up there with weights of 0.
/// </summary>
/// <param name="name">The layer's.</param>
/// <param name="run">Elements that lie side by side.</param>
/// <param name="sumType">int32_t or int64_t.</param>
/// <param name="zeroPoint">Of the weights; 0 with words.</param>
/// <param name="words">For the DSP extension.</param>
internal sealed class WideRunText(string name, int run, string sumType, int zeroPoint, bool words)
{
    /// <summary>Bytes that are read behind the last element.</summary>
    public const int ReadsBehind = (Taps - 1) * sizeof(short);

    private const int Taps = 4;

    /// <summary>Bytes of weights of a filter.</summary>
    public int Length { get; } = words ? (run + Taps - 1) / Taps * Taps : run;

    /// <summary>Writes weights and functions.</summary>
    /// <param name="weights">[filter][run][element].</param>
    /// <param name="groups">Of filters.</param>
    /// <param name="blocks">Filters of a group, as they are done together.</param>
    /// <param name="text">Where to.</param>
    public void Write(ReadOnlySpan<sbyte> weights, int groups, FilterBlocks blocks, CText text)
    {
        text.Table("int8_t", $"{name}_weights", Arrange(weights, groups, blocks));
        text.Add(string.Join('\n', blocks.Sizes.Select(size => words ? Words(size) : Plain(size))));
    }

    /// <summary>Calls it.</summary>
    /// <param name="size">Filters of the block.</param>
    /// <param name="x">Where the run begins.</param>
    /// <param name="w">Where its weights begin.</param>
    public string Call(int size, string x, string w) => $"{name}_run{size}({x}, {w}, sums);";

    private string Plain(int size) => $$"""
        static void {{name}}_run{{size}}(const edgeconv_int16 *x, const int8_t *w, {{sumType}} *sums)
        {
        {{Each(size, i => $"    {sumType} s{i} = sums[{i}];")}}
            for (int32_t i = 0; i < {{run}}; i++) {
                const {{sumType}} v = x[i];
        {{Each(size, i => $"        s{i} += v * {Weight(i)};")}}
                w += {{size}};
            }
        {{Each(size, i => $"    sums[{i}] = s{i};")}}
        }
        """;

    private string Words(int size)
    {
        string add = sumType == "int32_t" ? "edgeconv_two_products" : "edgeconv_two_wide_products";
        return $$"""
            static void {{name}}_run{{size}}(const edgeconv_int16 *x, const int8_t *w, {{sumType}} *sums)
            {
            {{Each(size, i => $"    {sumType} s{i} = sums[{i}];")}}
                for (int32_t i = 0; i < {{Length}}; i += {{Taps}}) {
                    const uint32_t x01 = edgeconv_two_words(x + i), x23 = edgeconv_two_words(x + i + 2);
                    uint32_t v;
            {{Each(size, i => $"""
                        v = edgeconv_word(w + {Taps * i});
                        s{i} = {add}(edgeconv_even(v), x01, s{i});
                        s{i} = {add}(edgeconv_odd(v), x23, s{i});
                """)}}
                    w += {{Taps * size}};
                }
            {{Each(size, i => $"    sums[{i}] = s{i};")}}
            }
            """;
    }

    /// <summary>[group][block][run][element][filter of the block], or with words [group][block][run][four elements][filter][0, 2, 1, 3].</summary>
    private List<sbyte> Arrange(ReadOnlySpan<sbyte> weights, int groups, FilterBlocks blocks)
    {
        (int filters, int runs) = (blocks.Filters, weights.Length / blocks.Filters / groups / run);
        int[] order = words ? [0, 2, 1, 3] : [0];
        List<sbyte> arranged = [];
        for (int group = 0; group < groups; group++)
        {
            foreach ((int first, int size, int count) in blocks.Runs)
            {
                for (int block = 0; block < count; block++)
                {
                    int filter = group * filters + first + block * size;
                    for (int at = 0; at < runs * Length; at += order.Length)
                    {
                        (int which, int element) = Math.DivRem(at, Length);
                        for (int i = 0; i < size * order.Length; i++)
                        {
                            int tap = element + order[i % order.Length];
                            arranged.Add(tap < run ? weights[((filter + i / order.Length) * runs + which) * run + tap] : (sbyte)0);
                        }
                    }
                }
            }
        }

        return arranged;
    }

    private string Weight(int i) => zeroPoint == 0 ? $"w[{i}]" : $"({CModel.Minus($"w[{i}]", zeroPoint)})";

    private static string Each(int size, Func<int, string> line) => string.Join('\n', Enumerable.Range(0, size).Select(line));
}
