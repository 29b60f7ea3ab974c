namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Bytes to bytes for a row of places of a depthwise layer, four channels a vector: a column of pixels is loaded once for all the places that see it, and
/// the sums of one to four places stay in vectors.
/// </summary>
/// <param name="Window">Rows and columns of the kernel, its strides and dilations.</param>
/// <param name="Output">What takes sums to bytes.</param>
/// <param name="Channels">Of the layer.</param>
/// <param name="RowBytes">From a row of pixels to the next.</param>
/// <param name="Places">Done together.</param>
internal sealed record VectorDepthwiseKernel(Runtime.Window Window, VectorOutput Output, int Channels, int RowBytes, int Places)
{
    /// <summary>Channels of a vector.</summary>
    public const int Lanes = VectorOutput.Lanes;

    /// <summary>Places that there are registers for.</summary>
    public const int MostPlaces = 4;

    private const int MostOffset = 127;

    // On the stack: the first weights and numbers, where the numbers of the last whole vector end, tiles to go; then the count.
    private const int W = 0, End = 8, Count = 12, Arguments = 16 + 64 + 36;

    private static readonly string[] _parameters = ["const int8_t *x", "const int8_t *w", "const int32_t *numbers", "int8_t *to", "int32_t count"];

    private int Taps => Window.KernelH * Window.KernelW;

    private int Blocks => Channels / Lanes;

    private int Left => Channels % Lanes;

    private int PlaceBytes => Window.StrideW * Channels;

    /// <summary>Instructions of a tile.</summary>
    public long Instructions => (Blocks + (Left > 0 ? 1 : 0)) * (Block(Lanes).Count + 3L) + 9;

    /// <summary>
    /// The function void NAME(const int8_t *x, const int8_t *w, const int32_t *numbers, int8_t *to, int32_t count), count tiles in a row: assembly where
    /// the instructions exist, the same in C elsewhere. Weights are [four channels][tap][channel].
    /// </summary>
    public string Text(string name) => $$"""
        #if defined(__ARM_FEATURE_MVE)
        {{Assembly.Function(name, string.Join(", ", _parameters.Select(parameter => $"{parameter} EDGECONV_UNUSED")), Lines())}}
        #else
        static void {{name}}({{string.Join(", ", _parameters)}})
        {
            int32_t place, channel, ky, kx;
            for (place = 0; place < count * {{Places}}; place++) {
                for (channel = 0; channel < {{Channels}}; channel++) {
                    const int32_t *const number = numbers + channel / 4 * 12 + channel % 4;
                    const int8_t *v = w + channel / 4 * {{4 * Taps}} + channel % 4;
                    int32_t sum = number[0];
                    for (ky = 0; ky < {{Window.KernelH}}; ky++) {
                        for (kx = 0; kx < {{Window.KernelW}}; kx++) {
                            sum += x[ky * {{Window.DilationH * RowBytes}} + kx * {{Window.DilationW * Channels}} + channel] * *v;
                            v += 4;
                        }
                    }
                    to[channel] = edgeconv_requantize(sum, number[4], number[8], {{Output.ZeroPoint}}, {{Output.Min}}, {{Output.Max}});
                }
                x += {{PlaceBytes}};
                to += {{Channels}};
            }
        }
        #endif
        """;

    private IEnumerable<string> Lines() =>
    [
        "push {r4-r11, lr}", "vpush {d8-d15}", "sub sp, sp, #16", $"strd r1, r2, [sp, #{W}]", "mov r7, r3", "mov r1, r0",
        $"ldr r0, [sp, #{Arguments}]", $"str r0, [sp, #{Count}]",
        .. Assembly.Constant("r0", VectorOutput.Bytes(Blocks * Lanes)), "add r0, r0, r2", $"str r0, [sp, #{End}]",
        "7:", $"ldrd r3, r5, [sp, #{W}]",
        .. Blocks > 0 ? ["8:", .. Block(Lanes), $"ldr r0, [sp, #{End}]", "cmp r5, r0", "bne 8b"] : (string[])[],
        .. Left > 0 ? Block(Left) : [],
        .. Assembly.Add("r1", Places * PlaceBytes - Blocks * Lanes - Left, "r0"), .. Assembly.Add("r7", (Places - 1) * Channels, "r0"),
        $"ldr r0, [sp, #{Count}]", "subs r0, r0, #1", $"str r0, [sp, #{Count}]", "bne 7b",
        "add sp, sp, #16", "vpop {d8-d15}", "pop {r4-r11, pc}",
    ];

    /// <summary>
    /// Some channels at the tile's places: pixels from r1 on, weights from r3, numbers from r5, outputs at r7; all four go on to the next channels. r4 and r6
    /// are addresses near what is read, as a load reaches but 127 bytes.
    /// </summary>
    private List<string> Block(int channels)
    {
        List<string> lines = [];
        Reach pixels = new("r4", "r1", lines), weights = new("r6", "r3", lines);
        string x = $"q{7 - Places}", product = $"q{6 - Places}";
        int held = Math.Min(6 - Places, Window.KernelW);
        string sum(int place) => $"q{8 - Places + place}";
        for (int ky = 0; ky < Window.KernelH; ky++)
        {
            for (int kx = 0; kx < held; kx++)
            {
                lines.Add($"vldrb.s32 q{kx}, {weights.At((ky * Window.KernelW + kx) * Lanes)}");
            }

            // A column's taps: the places that see it, each by another one.
            foreach (IGrouping<int, (int Place, int Kx)> column in Enumerable.Range(0, Places)
                .SelectMany(place => Enumerable.Range(0, Window.KernelW).Select(kx => (place, kx)))
                .GroupBy(tap => tap.place * Window.StrideW + tap.kx * Window.DilationW).OrderBy(column => column.Key))
            {
                lines.Add($"vldrb.s32 {x}, {pixels.At(ky * Window.DilationH * RowBytes + column.Key * Channels)}");
                foreach ((int place, int kx) in column)
                {
                    string weight = kx < held ? $"q{kx}" : product;
                    if (kx >= held)
                    {
                        lines.Add($"vldrb.s32 {product}, {weights.At((ky * Window.KernelW + kx) * Lanes)}");
                    }

                    lines.AddRange(ky == 0 && kx == 0 ? [$"vmul.i32 {sum(place)}, {x}, {weight}"]
                        : [$"vmul.i32 {product}, {x}, {weight}", $"vadd.i32 {sum(place)}, {sum(place)}, {product}"]);
                }
            }
        }

        lines.AddRange([.. Output.Load(), .. Enumerable.Range(0, Places).SelectMany(place => Output.Round(sum(place), "q3"))]);
        bool isPart = channels < Lanes;
        lines.AddRange(isPart ? [$"mov r2, #{channels}", "vctp.32 r2"] : []);
        for (int place = Places - 1; place >= 0; place--)
        {
            int at = place * Channels;
            lines.AddRange(at <= MostOffset ? [] : Assembly.AddTo("r4", "r7", at));
            string to = place == 0 ? $"[r7], #{channels}" : at <= MostOffset ? $"[r7, #{at}]" : "[r4]";
            lines.AddRange(isPart ? ["vpst", $"vstrbt.32 {sum(place)}, {to}"] : [$"vstrb.32 {sum(place)}, {to}"]);
        }

        return [.. lines, $"add r1, r1, #{channels}", .. Assembly.Add("r3", Taps * Lanes, "r0")];
    }

    /// <summary>An address register that moves on when something is out of its reach.</summary>
    private sealed class Reach(string register, string from, List<string> lines)
    {
        private int? _at;

        public string At(int offset)
        {
            if (_at is not { } at || Math.Abs(offset - at) > MostOffset)
            {
                at = offset + MostOffset;
                lines.AddRange(Assembly.AddTo(register, from, at));
                _at = at;
            }

            return $"[{register}, #{offset - at}]";
        }
    }
}
