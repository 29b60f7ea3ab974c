namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// The functions of <see cref="SumText"/> for the DSP extension: SXTB16 makes two int16 of a word's even or odd bytes, SMLAD adds two products. Four
/// taps of a pixel are a word whose even bytes are taps 0 and 2; the weights of two filters lie so that the even bytes are the first one's:
/// nothing has to be shuffled. Two filters at two places take thirteen registers, which is what there is: a block of four is done in such parts.
/// A tap that is left over after the fours is a product of its own; two or three are filled up with weights of 0.
/// </summary>
/// <param name="name">The layer's.</param>
/// <param name="rows">Rows of the window.</param>
/// <param name="run">Bytes of a row of the window, side by side.</param>
/// <param name="rowStep">Bytes from one row of the window to the next.</param>
/// <param name="part">Filters that are done together: two where there are two places, four where there is one.</param>
/// <param name="numbers">What sums begin with.</param>
/// <param name="isPacked">Weights of int4: four taps of two filters are a word.</param>
internal sealed class DspSumText(string name, int rows, int run, int rowStep, int part, OutputNumbers numbers, bool isPacked = false)
{
    /// <summary>Bytes that are read behind the last one of a row.</summary>
    public const int ReadsBehind = Taps - 1;

    private const int Taps = 4;
    private readonly int _words = run % Taps == 1 ? run / Taps : (run + Taps - 1) / Taps, _left = run % Taps == 1 ? 1 : 0;

    /// <summary>Bytes of the weights of so many filters.</summary>
    public int Bytes(int filters) => Parts(filters).Sum(p => rows * (_words * WordsBytes(p.Filters) + _left * p.Filters));

    // A filter that has no second one keeps its bytes.
    private int WordsBytes(int filters) => isPacked ? filters / 2 * Taps + filters % 2 * Taps : filters * Taps;

    /// <summary>Weights of blocks of filters in this order: [part of the block][row][four taps, filters], and the taps left over.</summary>
    /// <param name="weights">[filter][row][tap].</param>
    /// <param name="blocks">The blocks.</param>
    public sbyte[] Arrange(ReadOnlySpan<sbyte> weights, FilterBlocks blocks)
    {
        List<sbyte> arranged = [];
        foreach ((int first, int size, int count) in blocks.Runs)
        {
            for (int block = first; block < first + size * count; block += size)
            {
                foreach ((int filter, int filters) in Parts(size))
                {
                    Arrange(weights, block + filter, filters, arranged);
                }
            }
        }

        return [.. arranged];
    }

    /// <summary>Functions for blocks of some sizes, at one place.</summary>
    /// <param name="size">Filters.</param>
    /// <param name="written">Those that are there already, of a part that blocks of several sizes have.</param>
    public string WriteOne(int size, HashSet<string> written) => Write("one", size, ["s"], 0, written);

    /// <summary>The same at two places: the sums of the second stand behind those of the first.</summary>
    /// <param name="size">Filters.</param>
    /// <param name="distance">Bytes from the first place to the second.</param>
    /// <param name="written">Those that are there already.</param>
    public string WriteTwo(int size, int distance, HashSet<string> written) => Write("two", size, ["a", "b"], distance, written);

    private IEnumerable<(int Filter, int Filters)> Parts(int size) =>
        Enumerable.Range(0, (size + part - 1) / part).Select(i => (i * part, Math.Min(part, size - i * part)));

    private void Arrange(ReadOnlySpan<sbyte> weights, int filter, int filters, List<sbyte> arranged)
    {
        for (int row = 0; row < rows; row++)
        {
            for (int tap = 0; tap < _words * Taps; tap += Taps)
            {
                for (int pair = 0; pair + 1 < filters; pair += 2)
                {
                    Add(weights, row, tap, [(pair, 0), (pair + 1, 0), (pair, 2), (pair + 1, 2), (pair, 1), (pair + 1, 1), (pair, 3), (pair + 1, 3)]);
                    if (isPacked)
                    {
                        Halve(arranged);
                    }
                }

                if (filters % 2 != 0)
                {
                    Add(weights, row, tap, [(filters - 1, 0), (filters - 1, 1), (filters - 1, 2), (filters - 1, 3)]);
                }
            }

            for (int i = 0; i < filters * _left; i++)
            {
                Add(weights, row, _words * Taps, [(i, 0)]);
            }
        }

        void Add(ReadOnlySpan<sbyte> all, int row, int tap, ReadOnlySpan<(int Filter, int Tap)> order)
        {
            foreach ((int which, int at) in order)
            {
                sbyte weight = tap + at < run ? all[((filter + which) * rows + row) * run + tap + at] : (sbyte)0;
                arranged.Add(isPacked ? (sbyte)(weight << PackedWeights.Bits) : weight);
            }
        }
    }

    /// <summary>The last two words, of weights times 16, as one whose halves they are.</summary>
    private static void Halve(List<sbyte> arranged)
    {
        int at = arranged.Count - 2 * Taps;
        sbyte[] word = [.. Enumerable.Range(at, Taps).Select(i =>
            PackedWeights.Pack((sbyte)(arranged[i] >> PackedWeights.Bits), (sbyte)(arranged[i + Taps] >> PackedWeights.Bits)))];
        arranged.RemoveRange(at, 2 * Taps);
        arranged.AddRange(word);
    }

    /// <summary>The block's function, which calls that of each part.</summary>
    private string Write(string kind, int size, string[] places, int distance, HashSet<string> written)
    {
        IEnumerable<string> calls = Parts(size).Select(p =>
            $"    {PartName(kind, p.Filters)}(x, w + {Bytes(p.Filter)}{(numbers.IsSolved ? "" : $", bias + {p.Filter}")}, sums + {p.Filter}, {size});");
        IEnumerable<string> parts = Parts(size).Where(p => written.Add(PartName(kind, p.Filters))).Select(p => WritePart(kind, p.Filters, places, distance));
        return $$"""
            {{string.Join('\n', parts)}}
            static void {{name}}_{{kind}}{{size}}(const int8_t *x, const int8_t *w{{numbers.BiasParameter}}, int32_t *sums)
            {
            {{string.Join('\n', calls)}}
            }
            """;
    }

    private string PartName(string kind, int filters) => $"{name}_{kind}_part{filters}";

    private string WritePart(string kind, int filters, string[] places, int distance)
    {
        int[] each = [.. Enumerable.Range(0, filters)];
        string[] addresses = ["x + i", $"x + i + {distance}"];
        IEnumerable<string> begin = each.Select(i => $"    int32_t {string.Join(", ", places.Select(place => $"{place}{i} = {(isPacked ? "0" : numbers.Start(i))}"))};");
        IEnumerable<string> pixels = places.Select((place, i) =>
            $"const uint32_t {place}x = edgeconv_word({addresses[i]}), {place}even = edgeconv_even({place}x), {place}odd = edgeconv_odd({place}x);");
        List<string> products = [];
        for (int i = 0; i + 1 < filters; i += 2)
        {
            products.AddRange(Pair(i, isPacked ? $"const uint32_t halves{i} = {Load(WordsBytes(i))}; v = edgeconv_low_nibbles(halves{i});" : $"v = {Load(i * Taps)};", "even"));
            products.AddRange(Pair(i, isPacked ? $"v = edgeconv_high_nibbles(halves{i});" : $"v = {Load(i * Taps + Taps)};", "odd"));
        }

        if (filters % 2 != 0)
        {
            products.AddRange([$"v = {Load(WordsBytes(filters - 1))};", "pair = edgeconv_even(v);", .. Add(filters - 1, "even"), "pair = edgeconv_odd(v);", .. Add(filters - 1, "odd")]);
        }

        string[] left = [.. each.Take(filters * _left).SelectMany(i => places.Select((place, at) =>
            $"        {place}{i} += x[{_words * Taps + at * distance}] * w[{i}];")), .. _left > 0 ? [$"        w += {filters};"] : (string[])[]];
        IEnumerable<string> end = places.SelectMany((place, p) => each.Select(i => $"    sums[{(p == 0 ? $"{i}" : i == 0 ? "second" : $"second + {i}")}] = {(isPacked && !numbers.IsSolved ? $"{numbers.Start(i)} + " : "")}{(isPacked ? $"({place}{i} >> {PackedWeights.Bits})" : $"{place}{i}")};"));
        return $$"""
            EDGECONV_ALONE static void {{PartName(kind, filters)}}(const int8_t *x, const int8_t *w{{numbers.BiasParameter}}, int32_t *sums, int32_t second)
            {
            {{string.Join('\n', begin)}}
                for (int32_t row = 0; row < {{rows}}; row++) {
                    for (int32_t i = 0; i < {{_words * Taps}}; i += {{Taps}}) {
                        {{string.Join("\n            ", pixels)}}
                        uint32_t v, pair;
                        {{string.Join("\n            ", products)}}
                        w += {{WordsBytes(filters)}};
                    }
            {{string.Join('\n', [.. left, $"        x += {rowStep};"])}}
                }
            {{string.Join('\n', end)}}
            {{(places.Length == 1 ? "    (void)second;" : "")}}
            }
            """;

        IEnumerable<string> Pair(int filter, string load, string taps) =>
            [load, "pair = edgeconv_even(v);", .. Add(filter, taps), "pair = edgeconv_odd(v);", .. Add(filter + 1, taps)];

        IEnumerable<string> Add(int filter, string taps) => places.Select(place => $"{place}{filter} = edgeconv_two_products(pair, {place}{taps}, {place}{filter});");

        string Load(int at) => at == 0 ? "edgeconv_word(w)" : $"edgeconv_word(w + {at})";
    }
}
