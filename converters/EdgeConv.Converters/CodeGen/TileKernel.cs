namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Everything from the words to the bytes of a row of tiles in one stretch of assembly: for every place and block of filters <see cref="DotKernel"/> once,
/// or at every point of Winograd, the maximum where there is a pooling, one multiply-add and a shift for each output. Sums stay in registers for all of
/// it, or wait on the stack.
/// </summary>
/// <param name="Dot">The products.</param>
/// <param name="Layout">What its sums are.</param>
/// <param name="Steps">From one thing to the next.</param>
/// <param name="IsPooled">Whether the four (or two) sums of a filter become one output.</param>
/// <param name="Shift">Of the upper half of the product.</param>
internal sealed record TileKernel(DotKernel Dot, WordLayout Layout, TileSteps Steps, bool IsPooled, int Shift)
{
    private const int MostOffset = 4095;

    // On the stack above the sums that wait: what changes, then the arguments.
    private const int Step = 0, To = 4, Columns = 8, End = 12, X = 16, W = 20, FirstStep = 24, Arguments = 32, Saved = 9 * 4;

    /// <summary>Whether stores reach all outputs of a tile.</summary>
    public bool Reaches => Steps.Row + Steps.Place + DotKernel.Lanes <= MostOffset;

    private int Points => Layout.Sets == 1 ? 0 : Layout.Sets - 2;

    private int Frame => 32 * Points;

    /// <summary>Instructions of a tile.</summary>
    public long Instructions => Layout.Sets * Dot.Instructions + Layout.CombineInstructions + (IsPooled ? 8 * Layout.Rows + Layout.FiltersADot * 4 : 8 * Layout.Rows * 4) + 8;

    /// <summary>
    /// The C function: void NAME(const uint32_t *x, const uint32_t *w, const edgeconv_step *steps, int8_t *to, int32_t count), count places in a row.
    /// </summary>
    /// <param name="name">Of the function.</param>
    /// <param name="filters">Of a block.</param>
    /// <param name="blocks">Of the row.</param>
    public string Text(string name, int filters, int blocks) => Assembly.Function(
        name,
        "const uint32_t *x EDGECONV_UNUSED, const uint32_t *w EDGECONV_UNUSED, const edgeconv_step *steps EDGECONV_UNUSED, int8_t *to EDGECONV_UNUSED, int32_t count EDGECONV_UNUSED",
        [
            "push {r0-r11, lr}", $"sub sp, sp, #{Frame + X}", $"str r3, [sp, #{Frame + To}]", $"ldr r3, [sp, #{Frame + Arguments + Saved}]", $"str r3, [sp, #{Frame + Columns}]",
            .. Assembly.Constant("r3", 12 * filters * blocks), "add r3, r3, r2", $"str r3, [sp, #{Frame + End}]",
            "7:", $"ldrd r1, r2, [sp, #{Frame + W}]", $"str r2, [sp, #{Frame + Step}]",
            "8:", $"ldr r0, [sp, #{Frame + X}]", .. Points == 0 ? OneSet(filters) : AllPoints(filters),
            $"strd r0, lr, [sp, #{Frame + Step}]", $"ldr r2, [sp, #{Frame + End}]", "cmp r0, r2", "bne 8b",
            .. Assembly.Add("lr", Steps.To - filters * blocks, "r2"), $"str lr, [sp, #{Frame + To}]",
            $"ldr r0, [sp, #{Frame + X}]", .. Assembly.Add("r0", 4 * Steps.X, "r2"), $"str r0, [sp, #{Frame + X}]",
            $"ldr r2, [sp, #{Frame + Columns}]", "subs r2, r2, #1", $"str r2, [sp, #{Frame + Columns}]", "bne 7b",
            $"add sp, sp, #{Frame + Arguments}", "pop {r4-r11, pc}",
        ]);

    // Steps and outputs are in r0 and lr from here on; r1 goes on to the next block's weights.
    private IEnumerable<string> OneSet(int filters)
    {
        List<string> lines = [.. Dot.Body(isFromZero: true, "1"), $"ldrd r0, lr, [sp, #{Step}]"];
        for (int f = 0; f < filters; f++)
        {
            string[] sums = [.. Places.Select(place => $"r{4 + Layout.SumIndex(place.Row, place.Column, f)}")];
            lines.AddRange(IsPooled ? [.. sums.Skip(1).SelectMany(sum => Assembly.Larger(sums[0], sum)), .. Output(f, sums[..1])] : Output(f, sums));
        }

        return [.. lines, .. NextBlock(filters)];
    }

    // First the sums at the points 1, -1 (2, -2), eight each, on the stack; later those of the upper row in the second eight.
    private IEnumerable<string> AllPoints(int filters)
    {
        List<string> lines = [];
        for (int set = 0; set < Points; set++)
        {
            lines.AddRange([.. Dot.Body(isFromZero: true, $"{set + 1}"), .. NextSet(), $"add r2, sp, #{32 * set}", "stm r2, {r4-r11}"]);
        }

        for (int i = 0; i < 8; i++)
        {
            // The upper row's part stays in its register, the lower one's waits where the first point's was.
            lines.AddRange([$"ldr r2, [sp, #{4 * i}]", $"ldr r3, [sp, #{32 + 4 * i}]"]);
            lines.AddRange(Points == 2
                ? [$"add r{4 + i}, r2, r3", "sub r2, r2, r3", $"str r2, [sp, #{4 * i}]"]
                :
                [
                    $"ldr r12, [sp, #{64 + 4 * i}]", $"ldr lr, [sp, #{96 + 4 * i}]", $"add r{4 + i}, r2, r3", "sub r2, r2, r3", "add r3, r12, lr", "sub r12, r12, lr",
                    $"add r{4 + i}, r{4 + i}, r3", "add r2, r2, r12, lsl #1", $"str r2, [sp, #{4 * i}]",
                ]);
        }

        lines.AddRange([.. Dot.Body(isFromZero: false, "5"), .. NextSet(), "add r2, sp, #32", "stm r2, {r4-r11}", "ldm sp, {r4-r11}"]);
        lines.AddRange(Dot.Body(isFromZero: false, "6"));
        if (IsPooled)
        {
            for (int f = 0; f < filters; f++)
            {
                lines.AddRange([.. Assembly.Larger($"r{4 + f}", $"r{8 + f}"), $"ldr r2, [sp, #{32 + 4 * f}]", $"ldr r3, [sp, #{48 + 4 * f}]",
                    .. Assembly.Larger("r2", "r3"), .. Assembly.Larger($"r{4 + f}", "r2")]);
            }
        }

        // The lower row, or the maximum, is in registers.
        lines.Add($"ldrd r0, lr, [sp, #{Frame + Step}]");
        lines.AddRange(Enumerable.Range(0, filters).SelectMany(f => IsPooled ? Output(f, [$"r{4 + f}"]) : Output(f, [$"r{4 + f}", $"r{8 + f}"], Steps.Row)));
        if (!IsPooled)
        {
            lines.AddRange(["add r2, sp, #32", "ldm r2, {r4-r11}", .. Assembly.Add("r0", -12 * filters, "r12")]);
            lines.AddRange(Enumerable.Range(0, filters).SelectMany(f => Output(f, [$"r{4 + f}", $"r{8 + f}"])));
        }

        return [.. lines, .. NextBlock(filters)];
    }

    private IEnumerable<string> NextBlock(int filters) => IsPooled ? [] : Assembly.Add("lr", filters, "r2");

    private IEnumerable<string> NextSet() => Assembly.Add("r0", 4 * (Steps.Set - Dot.Moved), "r12");

    private IEnumerable<(int Row, int Column)> Places => Enumerable.Range(0, Layout.Rows).SelectMany(row => Enumerable.Range(0, 2).Select(column => (row, column)));

    /// <summary>The outputs of a filter, whose step r0 points to: of all its sums, in the order of <see cref="Places"/>, or those of one row.</summary>
    private IEnumerable<string> Output(int filter, IReadOnlyList<string> sums, int offset = 0)
    {
        yield return "ldm r0!, {r2, r3, r12}";
        for (int i = 0; i < sums.Count; i++)
        {
            if (i > 0)
            {
                yield return "ldrd r3, r12, [r0, #-8]";
            }

            yield return $"smlal r3, r12, {sums[i]}, r2";
            yield return $"ssat r12, #8, r12, asr #{Shift}";
            yield return IsPooled ? "strb r12, [lr], #1" : $"strb r12, [lr, #{offset + filter + i / 2 * Steps.Row + i % 2 * Steps.Place}]";
        }
    }
}

/// <summary>Distances within a row of tiles.</summary>
/// <param name="X">Words from a place to the next.</param>
/// <param name="Set">Words from those of one call of the kernel to those of the next.</param>
/// <param name="To">Bytes from the outputs of a place to those of the next.</param>
/// <param name="Place">Bytes from an output of a tile to that of its next column.</param>
/// <param name="Row">Bytes from an output of a tile to that of its next row.</param>
internal sealed record TileSteps(int X, int Set, int To, int Place, int Row);
