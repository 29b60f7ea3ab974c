using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>Convolutions and fully connected layers of int16 activations and int8 weights.</summary>
internal static class WideLayersC
{
    private const string Portable = "four filters", Dsp = "four filters, two products at a time";

    // Instructions a multiply-add, and for each run by filter, with sums of int32; those of int64 take a few more. Measured on the emulated M3 and M4.
    private const double PortableMac = 3.6, DspMac = 2.2, Run = 4;

    /// <summary>The ways to compute a convolution.</summary>
    public static IReadOnlyList<LayerWay> Ways(CModel model, Conv2DOp op)
    {
        WideNumbers numbers = new(model, op, (op.Weights, op.Bias, op.Multipliers, op.Shifts), (op.Min, op.Max));
        return [Form(words: false), Form(words: true)];

        LayerForm Form(bool words)
        {
            WideRunText runs = Runs(model, op, numbers, words);
            int weights = model.Info(op.Weights).Length, run = IsWholeRow(op) ? op.Window.KernelW * model.Info(op.Weights).Shape[3] : model.Info(op.Weights).Shape[3];
            return Of(model, op, words, weights / run * runs.Length, (weights / model.Image(op.Output).Channels, run), numbers, text => Write(model, op, numbers, runs, text));
        }
    }

    /// <summary>The ways to compute a fully connected layer.</summary>
    public static IReadOnlyList<LayerWay> Ways(CModel model, FullyConnectedOp op)
    {
        TensorInfo matrix = model.Info(op.Weights);
        WideNumbers numbers = new(model, op, (op.Weights, op.Bias, op.Multipliers, op.Shifts), (op.Min, op.Max));
        return [Form(words: false), matrix.ZeroPoint == 0 ? Form(words: true) : new RejectedForm(Extension.Dsp, Dsp, "the weights have a zero point")];

        LayerForm Form(bool words)
        {
            WideRunText runs = new(model.Name(op), matrix.Shape[1], numbers.SumType, matrix.ZeroPoint, words);
            return Of(model, op, words, matrix.Shape[0] * runs.Length, (matrix.Shape[1], matrix.Shape[1]), numbers, text => Write(model, op, numbers, runs, text));
        }
    }

    private static LayerForm Of(CModel model, ModelOperator op, bool words, int weights, (long Macs, int Run) output, WideNumbers numbers, Action<CText> write)
    {
        double aRun = Run + (words ? DspMac * ((output.Run + 3) / 4 * 4) : PortableMac * output.Run);
        return new(words ? Extension.Dsp : Extension.Portable, words ? Dsp : Portable)
        {
            TableBytes = weights + numbers.TableBytes,
            Instructions = (long)(model.Info(op.Output).Length * (output.Macs * aRun / output.Run + 30)),
            Write = write,
        };
    }

    /// <summary>A row of the window is one run where its pixels lie side by side and none of them can be outside.</summary>
    private static bool IsWholeRow(Conv2DOp op) => op.Groups == 1 && op.Window is { DilationW: 1, PadLeft: 0, PadRight: 0 };

    private static WideRunText Runs(CModel model, Conv2DOp op, WideNumbers numbers, bool words)
    {
        int depth = model.Info(op.Weights).Shape[3];
        return new(model.Name(op), IsWholeRow(op) ? op.Window.KernelW * depth : depth, numbers.SumType, zeroPoint: 0, words);
    }

    /// <summary>Taps in the padding are left out: they would add nothing.</summary>
    private static void Write(CModel model, Conv2DOp op, WideNumbers numbers, WideRunText runs, CText text)
    {
        string name = model.Name(op);
        (int height, int width, int channels) = model.Image(op.Input);
        (int rows, int columns, int filters) = model.Image(op.Output);
        Window w = op.Window;
        FilterBlocks blocks = new(filters / op.Groups);
        numbers.Write(text);
        runs.Write(model.Model.Weights(op.Weights), op.Groups, blocks, text);

        int runsARow = IsWholeRow(op) ? 1 : w.KernelW;
        string row = CModel.Minus($"{CModel.Times("y", w.StrideH)} + {CModel.Times("ky", w.DilationH)}", w.PadTop);
        string column = runsARow == 1 ? CModel.Minus(CModel.Times("x", w.StrideW), w.PadLeft) : CModel.Minus($"{CModel.Times("x", w.StrideW)} + {CModel.Times("kx", w.DilationW)}", w.PadLeft);
        string[] inside =
        [
            .. w.PadTop + w.PadBottom > 0 ? [$"row >= 0 && row < {height}"] : Array.Empty<string>(),
            .. w.PadLeft + w.PadRight > 0 ? [$"column >= 0 && column < {width}"] : Array.Empty<string>(),
        ];
        string group = op.Groups > 1 ? $" + {CModel.Times("group", channels / op.Groups)}" : "";
        string Add(int size)
        {
            string run = runsARow == 1 ? "ky" : $"({CModel.Times("ky", runsARow)} + kx)";
            string add = $$"""
                const int32_t row = {{row}};
                const int32_t column = {{column}};
                {{(inside.Length > 0 ? $"if ({string.Join(" && ", inside)}) " : "")}}{
                    {{runs.Call(size, $"input + (row * {width} + column) * {channels}{group}", $"w + {run} * {size * runs.Length}")}}
                }
                """;
            add = runsARow == 1 ? add : $"for (int32_t kx = 0; kx < {runsARow}; kx++) {{\n{CText.Indent(add, "    ")}\n}}";
            return $"for (int32_t ky = 0; ky < {w.KernelH}; ky++) {{\n{CText.Indent(add, "    ")}\n}}";
        }

        string pixel = Blocks(blocks, numbers, Add, w.KernelH * runsARow * runs.Length);
        pixel = op.Groups == 1 ? pixel : $"for (int32_t group = 0; group < {op.Groups}; group++) {{\n{CText.Indent(pixel, "    ")}\n}}";
        text.Add($$"""
            static void {{name}}(void)
            {
                const edgeconv_int16 *const input = {{model.At(op.Input)}};
                edgeconv_int16 *output = {{model.At(op.Output)}};
                for (int32_t y = 0; y < {{rows}}; y++) {
                    for (int32_t x = 0; x < {{columns}}; x++) {
                        const int8_t *w = {{name}}_weights;
                        int32_t filter = 0;
            {{CText.Indent(pixel, "            ")}}
                    }
                }
            }
            """);
    }

    /// <summary>A run a row.</summary>
    private static void Write(CModel model, FullyConnectedOp op, WideNumbers numbers, WideRunText runs, CText text)
    {
        string name = model.Name(op);
        int inputs = model.Info(op.Weights).Shape[1];
        FilterBlocks blocks = new(model.Info(op.Weights).Shape[0]);
        numbers.Write(text);
        runs.Write(model.Model.Weights(op.Weights), groups: 1, blocks, text);
        text.Add($$"""
            static void {{name}}(void)
            {
                const edgeconv_int16 *input = {{model.At(op.Input)}};
                edgeconv_int16 *output = {{model.At(op.Output)}};
                for (int32_t row = 0; row < {{model.Info(op.Input).Length / inputs}}; row++) {
                    const int8_t *w = {{name}}_weights;
                    int32_t filter = 0;
            {{CText.Indent(Blocks(blocks, numbers, size => runs.Call(size, "input", "w"), runs.Length), "        ")}}
                    input += {{inputs}};
                }
            }
            """);
    }

    /// <summary>All filters of a group at one place: sums, what adds to them, and what becomes of them.</summary>
    private static string Blocks(FilterBlocks blocks, WideNumbers numbers, Func<int, string> add, int weightsAFilter) =>
        string.Join('\n', blocks.Runs.Select(run => $$"""
            {{(run.Count > 1 ? $"for (int32_t block = 0; block < {run.Count}; block++) " : "")}}{
                {{numbers.SumType}} sums[{{run.Size}}];
                for (int32_t i = 0; i < {{run.Size}}; i++) {
                    sums[i] = {{numbers.StartAt("filter + i")}};
                }
            {{CText.Indent(add(run.Size), "    ")}}
                for (int32_t i = 0; i < {{run.Size}}; i++) {
                    *output++ = {{numbers.Element("sums[i]", "filter + i")}};
                }
                filter += {{run.Size}};
                w += {{run.Size * weightsAFilter}};
            }
            """));
}
