namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Everything from the words to the bytes of a tile in one stretch of assembly: <see cref="DotKernel"/> once or at every point of Winograd, the maximum
/// where there is a pooling, one multiply-add and a shift for each output. Sums stay in registers for all of it, or wait on the stack.
/// </summary>
/// <param name="Dot">The products.</param>
/// <param name="Layout">What its sums are.</param>
/// <param name="SetStep">Words from the words of one of its calls to those of the next.</param>
/// <param name="IsPooled">Whether the four (or two) sums of a filter become one output.</param>
/// <param name="Shift">Of the upper half of the product.</param>
/// <param name="Place">Bytes from an output to that of the next column.</param>
/// <param name="Row">Bytes from an output to that of the next row.</param>
internal sealed record TileKernel(DotKernel Dot, WordLayout Layout, int SetStep, bool IsPooled, int Shift, int Place, int Row)
{
    private const int MostOffset = 4095;

    /// <summary>Of the C function: void NAME(const uint32_t *x, const uint32_t *w, const edgeconv_step *steps, int8_t *to).</summary>
    public string Name => $"{Dot.Name}_tile";

    /// <summary>Whether stores reach all outputs.</summary>
    public bool Reaches => Row + Place + DotKernel.Lanes <= MostOffset;

    private int Sets => Layout.Sets;

    /// <summary>Instructions of a call.</summary>
    public long Instructions => Sets * Dot.Instructions + Layout.CombineInstructions + (IsPooled ? 8 * Layout.Rows + Layout.FiltersADot * 4 : 8 * Layout.Rows * 4) + 8;

    /// <summary>The function for some of the filters of a block.</summary>
    public string Text(int filters) => Assembly.Function(
        $"{Name}{filters}",
        "const uint32_t *x EDGECONV_UNUSED, const uint32_t *w EDGECONV_UNUSED, const edgeconv_step *steps EDGECONV_UNUSED, int8_t *to EDGECONV_UNUSED",
        ["push {r2-r11, lr}", .. Sets == 1 ? OneSet(filters) : AllPoints(filters), "add sp, sp, #8", "pop {r4-r11, pc}"]);

    private IEnumerable<string> OneSet(int filters)
    {
        IEnumerable<string> lines = [.. Dot.Body(isFromZero: true, "1"), "ldrd r0, r1, [sp]"];
        for (int f = 0; f < filters; f++)
        {
            string[] sums = [.. Places.Select(place => $"r{4 + Layout.SumIndex(place.Row, place.Column, f)}")];
            lines = IsPooled
                ? [.. lines, .. sums.Skip(1).SelectMany(sum => Assembly.Larger(sums[0], sum)), .. Output(f, sums[..1])]
                : [.. lines, .. Output(f, sums)];
        }

        return lines;
    }

    // The stack: from its top the sums at the points 1, -1 (2, -2), eight each; later those of the upper row in the first eight, and behind them steps and to.
    private IEnumerable<string> AllPoints(int filters)
    {
        int points = Sets - 2, frame = 32 * points;
        List<string> lines = [$"sub sp, sp, #{frame}"];
        for (int set = 0; set < points; set++)
        {
            lines.AddRange([.. Dot.Body(isFromZero: true, $"{set + 1}"), .. Assembly.Add("r0", 4 * (SetStep - Dot.Moved), "r12"), $"add r2, sp, #{32 * set}", "stm r2, {r4-r11}"]);
        }

        for (int i = 0; i < 8; i++)
        {
            // The upper row's part stays in its register, the lower one's waits where the first point's was.
            lines.AddRange([$"ldr r2, [sp, #{4 * i}]", $"ldr r3, [sp, #{32 + 4 * i}]"]);
            lines.AddRange(points == 2
                ? [$"add r{4 + i}, r2, r3", "sub r2, r2, r3", $"str r2, [sp, #{4 * i}]"]
                :
                [
                    $"ldr r12, [sp, #{64 + 4 * i}]", $"ldr lr, [sp, #{96 + 4 * i}]", $"add r{4 + i}, r2, r3", "sub r2, r2, r3", "add r3, r12, lr", "sub r12, r12, lr",
                    $"add r{4 + i}, r{4 + i}, r3", "add r2, r2, r12, lsl #1", $"str r2, [sp, #{4 * i}]",
                ]);
        }

        lines.AddRange([.. Dot.Body(isFromZero: false, "5"), .. Assembly.Add("r0", 4 * (SetStep - Dot.Moved), "r12"), "add r2, sp, #32", "stm r2, {r4-r11}", "ldm sp, {r4-r11}"]);
        lines.AddRange(Dot.Body(isFromZero: false, "6"));

        // The lower row is in registers, the upper one at sp + 32.
        if (IsPooled)
        {
            for (int f = 0; f < filters; f++)
            {
                lines.AddRange([.. Assembly.Larger($"r{4 + f}", $"r{8 + f}"), $"ldr r2, [sp, #{32 + 4 * f}]", $"ldr r3, [sp, #{48 + 4 * f}]",
                    .. Assembly.Larger("r2", "r3"), .. Assembly.Larger($"r{4 + f}", "r2")]);
            }

            lines.AddRange([$"add sp, sp, #{frame}", "ldrd r0, r1, [sp]"]);
            lines.AddRange(Enumerable.Range(0, filters).SelectMany(f => Output(f, [$"r{4 + f}"])));
            return lines;
        }

        lines.Add($"ldrd r0, r1, [sp, #{frame}]");
        for (int f = 0; f < filters; f++)
        {
            lines.AddRange(Output(f, [$"r{4 + f}", $"r{8 + f}"], Row));
        }

        lines.AddRange(["add r2, sp, #32", "ldm r2, {r4-r11}", .. Assembly.Add("r0", -12 * filters, "r12")]);
        for (int f = 0; f < filters; f++)
        {
            lines.AddRange(Output(f, [$"r{4 + f}", $"r{8 + f}"]));
        }

        lines.Add($"add sp, sp, #{frame}");
        return lines;
    }

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
            yield return $"strb r12, [r1, #{offset + filter + i / 2 * Row + i % 2 * Place}]";
        }
    }
}
