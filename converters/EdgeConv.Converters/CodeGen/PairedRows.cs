using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Fully connected layers with the weights a and b of two rows in one int16, 256 a + b, which takes no more flash than two bytes. SMLAD of such words
/// sums 256 a x + b x; SXTB16 leaves b, whose own sum is taken off afterwards, and the upper 24 bits are the first row's: no weight has to be taken
/// apart for it. Exact while the first row's sums stay within 24 bits, which its weights decide.
/// </summary>
internal sealed class PairedRows
{
    private const string Algorithm = "two rows in an int16, four at a time";
    private const int Rows = 4;

    // Fours of inputs in a turn of the loop; two of them share a load.
    private static readonly int[] _turns = [10, 8, 6, 4];

    private readonly CModel _model;
    private readonly FullyConnectedOp _op;
    private readonly OutputNumbers _numbers;
    private readonly string _name;
    private readonly int _outputs, _inputs, _unrolled, _quads;

    private PairedRows(CModel model, FullyConnectedOp op, OutputNumbers numbers)
    {
        (_model, _op, _numbers, _name) = (model, op, numbers, model.Name(op));
        (_outputs, _inputs) = (model.Info(op.Weights).Shape[0], model.Info(op.Weights).Shape[1]);
        int quads = (_inputs + 3) / 4;
        (_unrolled, _quads) = _turns.Select(n => (n, (quads + n - 1) / n * n)).MinBy(t => (t.Item2, -t.n));
    }

    /// <summary>The form, or why there is none.</summary>
    public static LayerWay Way(CModel model, FullyConnectedOp op, OutputNumbers numbers)
    {
        if (!numbers.IsSolved)
        {
            return new RejectedForm(Extension.Dsp, Algorithm, RejectedForm.Unsolved);
        }

        PairedRows layer = new(model, op, numbers);
        return layer.Obstacle() is { } why ? new RejectedForm(Extension.Dsp, Algorithm, why) : layer.Form();
    }

    private string? Obstacle()
    {
        ReadOnlySpan<sbyte> weights = _model.Model.Weights(_op.Weights);
        for (int row = 0; row < _outputs; row += 2)
        {
            long size = 0;
            for (int i = 0; i < _inputs; i++)
            {
                int a = weights[row * _inputs + i], b = row + 1 < _outputs ? weights[(row + 1) * _inputs + i] : 0;
                if (256 * a + b < short.MinValue)
                {
                    return "weights of -128";
                }

                size += Math.Abs(a);
            }

            if (128 * size >= 1 << 23)
            {
                return $"sums of row {row} can leave 24 bits";
            }
        }

        return null;
    }

    private LayerForm Form()
    {
        int blocks = (_outputs + Rows - 1) / Rows, batch = _model.Info(_op.Input).Length / _inputs;
        return new(Extension.Dsp, Algorithm)
        {
            TableBytes = blocks * Rows * _quads * 4 + _numbers.TableBytes,
            ScratchBytes = _quads * 2 * sizeof(int),
            Instructions = batch * (blocks * (_quads * 27L / 2 + _quads / _unrolled * 3 + 16) + _outputs * _numbers.Instructions + _quads * 7L),
            Write = Write,
        };
    }

    private void Write(CText text)
    {
        _numbers.Write(text);
        text.Table("uint32_t", $"{_name}_words", Words());
        text.Add(Kernel());
        text.Add($$"""
            static void {{_name}}(void)
            {
                const int8_t *input = {{_model.At(_op.Input)}};
                int8_t *output = {{_model.At(_op.Output)}};
                uint32_t *const words = {{_model.ScratchWords(_op)}};
                for (int32_t row = 0; row < {{_model.Info(_op.Input).Length / _inputs}}; row++) {
                    const uint32_t *w = {{_name}}_words;
                    int32_t sums[4];
                    edgeconv_widen(words, input, {{(_inputs + 3) / 4}});
            """);
        int full = _outputs / Rows * Rows, left = _outputs % Rows;
        if (full > 0)
        {
            text.Add($$"""
                        for (int32_t filter = 0; filter < {{full}}; filter += 4) {
                            {{_name}}_rows(words, w, sums);
                            w += {{_quads * 4}};
                {{Outputs(Rows, "filter", "            ")}}
                        }
                """);
        }

        if (left > 0)
        {
            text.Add($"""
                        {_name}_rows(words, w, sums);
                {Outputs(left, $"{full}", "        ")}
                """);
        }

        text.Add($$"""
                    input += {{_inputs}};
                }
            }
            """);
    }

    private string Outputs(int count, string filter, string indent) =>
        string.Join('\n', Enumerable.Range(0, count).Select(i => $"{indent}*output++ = {_numbers.Byte($"sums[{i}]", $"{filter} + {i}")};"));

    /// <summary>[block of four rows][four inputs]: the words of rows 0 and 1, then 2 and 3, for inputs 0 and 2; the same for 1 and 3.</summary>
    private uint[] Words()
    {
        ReadOnlySpan<sbyte> weights = _model.Model.Weights(_op.Weights);
        List<uint> words = [];
        for (int block = 0; block < _outputs; block += Rows)
        {
            for (int quad = 0; quad < _quads * 4; quad += 4)
            {
                for (int odd = 0; odd < 2; odd++)
                {
                    for (int pair = block; pair < block + Rows; pair += 2)
                    {
                        words.Add((ushort)Both(weights, pair, quad + odd) | (uint)(ushort)Both(weights, pair, quad + odd + 2) << 16);
                    }
                }
            }
        }

        return [.. words];

        int Both(ReadOnlySpan<sbyte> all, int row, int input) => 256 * At(all, row, input) + At(all, row + 1, input);

        int At(ReadOnlySpan<sbyte> all, int row, int input) => row < _outputs && input < _inputs ? all[row * _inputs + input] : 0;
    }

    // x in r0, weights in r1, four words of x in r2, r3, r12 and lr, sums in r4 to r7, four words of weights in r8 to r11, the end of x on the stack.
    private string Kernel()
    {
        string[] eight =
        [
            "ldm r0!, {r2, r3, r12, lr}",
            "ldm r1!, {r8-r11}", .. Products("r8", "r2", "r4", "r5"), .. Products("r9", "r2", "r6", "r7"), .. Products("r10", "r3", "r4", "r5"), .. Products("r11", "r3", "r6", "r7"),
            "ldm r1!, {r8-r11}", .. Products("r8", "r12", "r4", "r5"), .. Products("r9", "r12", "r6", "r7"), .. Products("r10", "lr", "r4", "r5"), .. Products("r11", "lr", "r6", "r7"),
        ];
        string[] lines =
        [
            "push {r2, r4-r11, lr}", .. Assembly.Constant("r12", _quads * 8), "add r12, r12, r0", "push {r12}",
            "movs r4, #0", "movs r5, #0", "movs r6, #0", "movs r7, #0", "1:",
            .. Enumerable.Repeat(eight, _unrolled / 2).SelectMany(line => line),
            "ldr r2, [sp]", "cmp r0, r2", "bne 1b", "sub r4, r4, r5", "asrs r4, r4, #8", "sub r6, r6, r7", "asrs r6, r6, #8", "pop {r2, r3}", "stm r3, {r4-r7}", "pop {r4-r11, pc}",
        ];
        return $$"""
            #if defined(__ARM_FEATURE_DSP)
            {{Assembly.Function($"{_name}_rows", "const uint32_t *x EDGECONV_UNUSED, const uint32_t *w EDGECONV_UNUSED, int32_t *sums EDGECONV_UNUSED", lines)}}
            #else
            static void {{_name}}_rows(const uint32_t *x, const uint32_t *w, int32_t *sums)
            {
                edgeconv_paired_rows(x, w, {{_quads * 2}}, sums);
            }
            #endif
            """;

        static string[] Products(string weights, string x, string both, string second) =>
            [$"smlad {both}, {weights}, {x}, {both}", $"sxtb16 {weights}, {weights}", $"smlad {second}, {weights}, {x}, {second}"];
    }
}
