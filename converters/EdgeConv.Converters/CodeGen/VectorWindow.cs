namespace EdgeConv.Converters.CodeGen;

/// <summary>Where the taps lie that <see cref="VectorTile"/> multiplies: in rows of vectors side by side, or gathered from distances of a byte.</summary>
/// <param name="Places">Places that are done together: two, or one.</param>
/// <param name="Place">Bytes from the first to the second.</param>
/// <param name="Rows">Rows of the window; 1 where taps are gathered.</param>
/// <param name="Vectors">Vectors of a row.</param>
/// <param name="RowStep">Bytes from a row to the next.</param>
/// <param name="IsGathered">Whether a table of distances says where the taps are.</param>
internal sealed record VectorWindow(int Places, int Place, int Rows, int Vectors, int RowStep, bool IsGathered)
{
    private const int Lanes = VectorTile.Lanes, MostOffset = 127, MostAdded = 4095;

    // Distances that stay where they are for the whole row of tiles, and those that do not.
    private static readonly string[] _held = ["q7", "q3"];
    private const string Read = "q7";

    /// <summary>Vectors of a window.</summary>
    public int Total => Rows * Vectors;

    /// <summary>Whether distances are read again for each window.</summary>
    public bool ReadsOffsets => IsGathered && Total > _held.Length;

    private bool HasTwoPointers => Places > 1 && (IsGathered || Place > MostOffset);

    /// <summary>Instructions at the beginning of a row of tiles: few distances are loaded once.</summary>
    /// <param name="offsets">Where the address of their table is on the stack.</param>
    public IEnumerable<string> HoldOffsets(int offsets) => !IsGathered || ReadsOffsets ? []
        : [$"ldr r0, [sp, #{offsets}]", .. Enumerable.Range(0, Total).Select(i => $"vldrb.u8 {_held[i]}, [r0, #{i * Lanes}]")];

    /// <summary>
    /// The sums of a block of filters at the places; weights from r3 on, which goes on behind them. Of the vectors q6 is left alone, of the odd registers
    /// r1, r5 and r7.
    /// </summary>
    /// <param name="start">Bytes from r1 to the first place's window.</param>
    /// <param name="size">Filters.</param>
    /// <param name="mostUnrolled">Vectors that are written one after the other.</param>
    /// <param name="sums">The register of a place's filter.</param>
    /// <param name="offsets">Where the address of the table of distances is on the stack.</param>
    public List<string> Sums(int start, int size, int mostUnrolled, Func<int, int, string> sums, int offsets)
    {
        int last = start + (Rows - 1) * RowStep + (Vectors - 1) * Lanes;
        if (!IsGathered && Total <= mostUnrolled && Math.Max(last, last + Place) <= MostOffset)
        {
            return [.. Enumerable.Range(0, Total).SelectMany(i => Vector(
                [.. Enumerable.Range(0, Places).Select(p => $"vldrb.u8 {Pixels(p)}, [r1, #{start + p * Place + i / Vectors * RowStep + i % Vectors * Lanes}]")], size, sums, i == 0))];
        }

        List<string> lines = [.. Pointer("r9", start), .. HasTwoPointers ? Pointer("r11", start + Place) : []];
        if (IsGathered)
        {
            lines.AddRange(ReadsOffsets ? ["push {r7}", $"ldr r7, [sp, #{offsets + 4}]"] : []);
            for (int i = 0; i < Total; i++)
            {
                string distances = ReadsOffsets ? Read : _held[i];
                lines.AddRange(ReadsOffsets ? [$"vldrb.u8 {Read}, [r7], #{Lanes}"] : []);
                lines.AddRange(Vector([.. Enumerable.Range(0, Places).Select(p => $"vldrb.u8 {Pixels(p)}, [{(p == 0 ? "r9" : "r11")}, {distances}]")], size, sums, i == 0));
            }

            return [.. lines, .. ReadsOffsets ? ["pop {r7}"] : (string[])[]];
        }

        return [.. lines, .. Total <= mostUnrolled ? Turn(Rows, Vectors, isLast: true, size, sums, isFirst: true) : InALoop(size, mostUnrolled, sums)];
    }

    /// <summary>r7 counts turns of whole rows, or within each row of equal parts.</summary>
    private IEnumerable<string> InALoop(int size, int mostUnrolled, Func<int, int, string> sums)
    {
        List<string> lines = ["push {r7}"];
        lines.AddRange(Enumerable.Range(0, Places).SelectMany(p => Enumerable.Range(0, size).Select(f => $"mov {sums(p, f)}, #0")));
        if (Vectors <= mostUnrolled)
        {
            int rows = Divisor(Rows, mostUnrolled / Vectors);
            lines.AddRange(Loop(Rows / rows, Turn(rows, Vectors, isLast: false, size, sums, isFirst: false)));
        }
        else
        {
            int part = Divisor(Vectors, Math.Max(mostUnrolled / Rows, 1));
            for (int row = 0; row < Rows; row++)
            {
                lines.AddRange(Loop(Vectors / part, Turn(0, part, isLast: false, size, sums, isFirst: false)));
                lines.AddRange(row < Rows - 1 ? Step("r9", RowStep - Vectors * Lanes).Concat(HasTwoPointers ? Step("r11", RowStep - Vectors * Lanes) : []) : []);
            }
        }

        return [.. lines, "pop {r7}"];
    }

    private static IEnumerable<string> Loop(int turns, IEnumerable<string> body) =>
        turns == 1 ? body : [.. Assembly.Constant("r7", turns), "1:", .. body, "subs r7, r7, #1", "bne 1b"];

    /// <summary>Some rows, or (0) a part of one.</summary>
    private IEnumerable<string> Turn(int rows, int vectors, bool isLast, int size, Func<int, int, string> sums, bool isFirst)
    {
        for (int i = 0; i < Math.Max(rows, 1) * vectors; i++)
        {
            bool isRowsEnd = rows > 0 && i % vectors == vectors - 1, isEnd = isLast && i == rows * vectors - 1;
            int step = isEnd ? 0 : isRowsEnd ? RowStep - (vectors - 1) * Lanes : Lanes;
            string after = step != 0 && Math.Abs(step) <= MostOffset ? $", #{step}" : "";
            string[] loads = Places == 1 ? [$"vldrb.u8 {Pixels(0)}, [r9]{after}"]
                : HasTwoPointers ? [$"vldrb.u8 {Pixels(1)}, [r11]{after}", $"vldrb.u8 {Pixels(0)}, [r9]{after}"]
                : [$"vldrb.u8 {Pixels(1)}, [r9, #{Place}]", $"vldrb.u8 {Pixels(0)}, [r9]{after}"];
            foreach (string line in Vector(loads, size, sums, isFirst && i == 0))
            {
                yield return line;
            }

            foreach (string line in after.Length > 0 ? [] : Step("r9", step).Concat(HasTwoPointers ? Step("r11", step) : []))
            {
                yield return line;
            }
        }
    }

    private IEnumerable<string> Vector(string[] loads, int size, Func<int, int, string> sums, bool isFirst) =>
    [
        .. loads,
        .. Enumerable.Range(0, size).SelectMany(f => Enumerable.Range(0, Places)
            .Select(p => $"{(isFirst ? "vmladav" : "vmladava")}.s8 {sums(p, f)}, q{f % 2}, {Pixels(p)}").Prepend($"vldrb.u8 q{f % 2}, [r3], #{Lanes}")),
    ];

    private static string Pixels(int place) => $"q{4 + place}";

    private static IEnumerable<string> Pointer(string register, int offset) =>
        offset is > 0 and <= MostAdded ? [$"addw {register}, r1, #{offset}"] : [$"mov {register}, r1", .. Step(register, offset)];

    // No other register is free.
    private static IEnumerable<string> Step(string register, int bytes)
    {
        for (; bytes != 0; bytes -= Math.Clamp(bytes, -MostAdded, MostAdded))
        {
            yield return bytes > 0 ? $"addw {register}, {register}, #{Math.Min(bytes, MostAdded)}" : $"subw {register}, {register}, #{Math.Min(-bytes, MostAdded)}";
        }
    }

    private static int Divisor(int of, int most) => Enumerable.Range(1, Math.Min(of, most)).Last(n => of % n == 0);
}
