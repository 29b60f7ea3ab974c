namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Bytes to bytes for a row of places on processors with vectors, in one stretch of assembly: sixteen taps against sixteen weights an instruction
/// (VMLADAVA.S8), for eight sums at once, of two places by four filters or of one by eight. An instruction's sum takes an even register, of which there
/// are eight; no compiler keeps them all. A vector of weights serves both places, one of pixels all filters. Sums go to their bytes four filters at a
/// time; with a pooling the maximum is taken before.
/// </summary>
/// <param name="Window">Where the taps lie.</param>
/// <param name="Output">What takes sums to bytes.</param>
/// <param name="Filters">Of the layer.</param>
/// <param name="Starts">Bytes from a tile's window to its pairs of places: one, or with a pooling several.</param>
/// <param name="IsPooled">Whether all places of a tile become one output.</param>
/// <param name="XStep">Bytes from a tile's window to the next one's.</param>
internal sealed record VectorTile(VectorWindow Window, VectorOutput Output, int Filters, IReadOnlyList<int> Starts, bool IsPooled, int XStep)
{
    /// <summary>Taps of a vector.</summary>
    public const int Lanes = 16;

    private const int Sums = 8, MostVectorsUnrolled = 24, MostOffset = 127;

    // On the stack: the first weights and numbers, where the numbers of the last whole block end, tiles to go; then the arguments.
    private const int W = 0, End = 8, Count = 12, Arguments = 16 + 64 + 36, Offsets = Arguments + 4;

    private static readonly string[] _even = ["r0", "r2", "r4", "r6", "r8", "r10", "r12", "lr"];

    /// <summary>Filters of a block.</summary>
    public int BlockFilters => Sums / Window.Places;

    private int Blocks => Filters / BlockFilters;

    private int Left => Filters % BlockFilters;

    private int OutputPlaces => IsPooled ? 1 : Window.Places;

    /// <summary>Instructions of a tile.</summary>
    public long Instructions => Blocks * BlockInstructions(BlockFilters) + (Left > 0 ? BlockInstructions(Left) : 0) + 7;

    private long BlockInstructions(int size)
    {
        int places = Window.Places;
        long pair = Window.Total * (places + size * (1 + places) + (Window.ReadsOffsets ? 1 : 0)) + Window.Rows + size * places / 2 + (IsPooled ? 2 : 0);
        return Starts.Count * pair + (size + VectorOutput.Lanes - 1) / VectorOutput.Lanes * (3 + Output.Instructions * OutputPlaces) + 5;
    }

    /// <summary>[block of filters][vector][filter][tap].</summary>
    /// <param name="weights">[filter][vector][tap].</param>
    public sbyte[] Weights(ReadOnlySpan<sbyte> weights)
    {
        int taps = Window.Total * Lanes;
        List<sbyte> arranged = new(weights.Length);
        for (int block = 0; block < Filters; block += BlockFilters)
        {
            for (int vector = 0; vector < taps; vector += Lanes)
            {
                for (int filter = block; filter < Math.Min(block + BlockFilters, Filters); filter++)
                {
                    arranged.AddRange(weights.Slice(filter * taps + vector, Lanes));
                }
            }
        }

        return [.. arranged];
    }

    /// <summary>
    /// The function void NAME(const int8_t *x, const int8_t *w, const int32_t *numbers, int8_t *to, int32_t count, const uint8_t *offsets), count tiles
    /// in a row: assembly where the instructions exist, the same in C elsewhere.
    /// </summary>
    public string Text(string name) => $$"""
        #if defined(__ARM_FEATURE_MVE)
        {{Assembly.Function(name, string.Join(", ", _parameters.Select(parameter => $"{parameter} EDGECONV_UNUSED")), Lines())}}
        #else
        static void {{name}}({{string.Join(", ", _parameters)}})
        {
        {{TextInC()}}
        }
        #endif
        """;

    private static readonly string[] _parameters =
        ["const int8_t *x", "const int8_t *w", "const int32_t *numbers", "int8_t *to", "int32_t count", "const uint8_t *offsets"];

    private IEnumerable<string> Lines() =>
    [
        "push {r4-r11, lr}", "vpush {d8-d15}", "sub sp, sp, #16", $"strd r1, r2, [sp, #{W}]", "mov r7, r3", "mov r1, r0",
        $"ldr r0, [sp, #{Arguments}]", $"str r0, [sp, #{Count}]",
        .. Blocks > 1 ? [.. Assembly.Constant("r0", VectorOutput.Bytes(Blocks * BlockFilters)), "add r0, r0, r2", $"str r0, [sp, #{End}]"] : (string[])[],
        .. Window.HoldOffsets(Offsets),
        "7:", $"ldrd r3, r5, [sp, #{W}]",
        .. Blocks > 1 ? ["8:", .. Block(BlockFilters), $"ldr r0, [sp, #{End}]", "cmp r5, r0", "bne 8b"] : Blocks > 0 ? Block(BlockFilters) : [],
        .. Left > 0 ? Block(Left) : [],
        .. Assembly.Add("r1", XStep, "r0"), .. Assembly.Add("r7", (OutputPlaces - 1) * Filters, "r0"),
        $"ldr r0, [sp, #{Count}]", "subs r0, r0, #1", $"str r0, [sp, #{Count}]", "bne 7b",
        "add sp, sp, #16", "vpop {d8-d15}", "pop {r4-r11, pc}",
    ];

    /// <summary>A block's filters at a tile's places: window in r1, weights in r3 and numbers in r5, which go on to the next block's, outputs in r7.</summary>
    private List<string> Block(int size)
    {
        List<string> lines = [];
        foreach ((int i, int start) in Starts.Index())
        {
            lines.AddRange(i > 0 ? Assembly.Add("r3", -Window.Total * size * Lanes, "r0") : []);
            lines.AddRange(Window.Sums(start, size, Math.Max(MostVectorsUnrolled / Starts.Count, 1), Sum, Offsets));
            if (IsPooled)
            {
                lines.AddRange([.. Vector("q4", 0, 0, size), .. Vector("q5", 1, 0, size), .. i > 0 ? ["vmax.s32 q6, q6, q4", "vmax.s32 q6, q6, q5"] : (string[])["vmax.s32 q6, q4, q5"]]);
            }
        }

        int low = Math.Min(size, VectorOutput.Lanes);
        return IsPooled ? [.. lines, .. Store(["q6"], "q4", size)]
            : Window.Places > 1 ? [.. lines, .. Vector("q4", 0, 0, size), .. Vector("q5", 1, 0, size), .. Store(["q4", "q5"], "q6", size)]
            : [.. lines, .. Vector("q4", 0, 0, low), .. Vector("q5", 0, low, size - low), .. Store(["q4"], "q6", low), .. size > low ? Store(["q5"], "q6", size - low) : []];
    }

    private string Sum(int place, int filter) => _even[place * BlockFilters + filter];

    /// <summary>Sums of a place as a vector.</summary>
    private IEnumerable<string> Vector(string q, int place, int first, int count) => Enumerable.Range(0, 2).Where(lane => lane < count)
        .Select(lane => lane + 2 < count
            ? $"vmov {q}[{lane + 2}], {q}[{lane}], {Sum(place, first + lane)}, {Sum(place, first + lane + 2)}"
            : $"vmov.32 {q}[{lane}], {Sum(place, first + lane)}");

    /// <summary>Vectors of sums, of one place or of both, as bytes.</summary>
    private IEnumerable<string> Store(string[] sums, string spare, int size)
    {
        bool isPart = size < VectorOutput.Lanes;
        string store = isPart ? "vstrbt.32" : "vstrb.32";
        List<string> lines = [.. Output.Load(), .. sums.SelectMany(q => Output.Round(q, spare)), .. isPart ? ["mov r2, #" + size, "vctp.32 r2"] : (string[])[]];
        if (sums.Length > 1)
        {
            lines.AddRange(Filters <= MostOffset ? [] : [.. Assembly.Constant("r4", Filters), "add r4, r4, r7"]);
            lines.AddRange([.. isPart ? ["vpst"] : (string[])[], $"{store} {sums[1]}, {(Filters <= MostOffset ? $"[r7, #{Filters}]" : "[r4]")}"]);
        }

        return [.. lines, .. isPart ? ["vpst"] : (string[])[], $"{store} {sums[0]}, [r7], #{size}"];
    }

    /// <summary>The same in C, for tests and to be read.</summary>
    private string TextInC()
    {
        string x = $"x + pair[i]{(Window.Places > 1 ? $" + place * {Window.Place}" : "")}", args = Window.IsGathered ? $"offsets, {Window.Total}" : $"{Window.Rows}, {Window.Vectors}, {Window.RowStep}";
        string sum = $"edgeconv_{(Window.IsGathered ? "gathered_" : "")}taps({x}, v, {args}, {Lanes} * size)";
        string keep = IsPooled ? $"best[0] = edgeconv_larger(best[0], {sum});" : $"best[place] = {sum};";
        return $$"""
                static const int32_t pair[{{Starts.Count}}] = { {{string.Join(", ", Starts)}} };
                int32_t turn, filter, i, place;
            {{(Window.IsGathered ? "" : "    (void)offsets;\n")}}    for (turn = 0; turn < count; turn++) {
                    const int8_t *block = w;
                    for (filter = 0; filter < {{Filters}}; filter++) {
                        const int32_t *const number = numbers + filter / 4 * 12 + filter % 4;
                        const int32_t inside = filter % {{BlockFilters}}, size = filter - inside + {{BlockFilters}} <= {{Filters}} ? {{BlockFilters}} : {{Left}};
                        const int8_t *const v = block + inside * {{Lanes}};
                        int32_t best[{{OutputPlaces}}] = { {{string.Join(", ", Enumerable.Repeat("INT32_MIN", OutputPlaces))}} };
                        for (i = 0; i < {{Starts.Count}}; i++) {
                            for (place = 0; place < {{Window.Places}}; place++) {
                                {{keep}}
                            }
                        }
                        for (place = 0; place < {{OutputPlaces}}; place++) {
                            to[place * {{Filters}} + filter] = edgeconv_requantize(best[place] + number[0], number[4], number[8], {{Output.ZeroPoint}}, {{Output.Min}}, {{Output.Max}});
                        }
                        if (inside == size - 1) {
                            block += {{Window.Total * Lanes}} * size;
                        }
                    }
                    x += {{XStep}};
                    to += {{OutputPlaces * Filters}};
                }
            """;
    }
}
