using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Convolutions, alone or with their maximum pooling. The maximum is taken of the int32 sums: requantization is monotone, so the bytes are the
/// same, a quarter of the sums is requantized, and the convolution's output is never stored.
/// </summary>
internal static class ConvolutionC
{
    /// <summary>The layer's constants and its function.</summary>
    public static void Write(CModel model, Conv2DOp op, CText text)
    {
        if (op.Groups > 1 && op.Groups == model.Image(op.Input).Channels && op.Groups == model.Image(op.Output).Channels)
        {
            Depthwise(model, op, text);
        }
        else
        {
            General(model, op, text);
        }
    }

    /// <summary>Bytes of the buffer for padded rows.</summary>
    public static int RowsBytes(CModel model, Conv2DOp op) => new WindowRows(model, op.Input, op.Window, op.Pool).BufferBytes;

    private static void General(CModel model, Conv2DOp op, CText text)
    {
        string name = model.Name(op);
        int channels = model.Image(op.Input).Channels;
        (int rows, int columns, int filters) = model.Image(op.Output);
        (int depth, int share) = (channels / op.Groups, filters / op.Groups);
        (Window w, Pooling pool) = (op.Window, op.Pool);
        FilterBlocks blocks = new(share);
        ReadOnlySpan<sbyte> weights = model.Model.Weights(op.Weights);
        int weightsAFilter = w.KernelH * w.KernelW * depth;
        OutputNumbers numbers = OutputNumbers.Write(model, name, op, weights, text);

        bool isRun = w.DilationW == 1 && op.Groups == 1;
        WindowRows window = new(model, op.Input, w, pool);
        SumText sums = new(name, w.KernelH, isRun ? w.KernelW * depth : depth, isRun ? 1 : w.KernelW, w.DilationW * channels,
            window.RowBytes * w.DilationH, numbers.Pixel);
        int step = w.StrideW * channels;
        bool inTwos = isRun && (op.IsPooled ? pool.KernelW % 2 == 0 : columns > 1);
        bool inOnes = !inTwos || (!op.IsPooled && columns % 2 != 0);
        DspSumText? dsp = isRun && numbers.IsFolded ? new(name, w.KernelH, w.KernelW * depth, window.RowBytes * w.DilationH, part: inTwos ? 2 : 4) : null;
        string weightsStep = $"{weightsAFilter}";
        if (dsp is not null)
        {
            weightsStep = $"{name.ToUpperInvariant()}_FILTER";
            text.Add($"#ifdef EDGECONV_DSP\n#define {weightsStep} {dsp.BytesAFilter}");
            text.Table("int8_t", $"{name}_weights", dsp.Arrange(weights, blocks));
            Functions(dsp.WriteTwo, dsp.WriteOne);
            text.Add($"#else\n#define {weightsStep} {weightsAFilter}");
        }

        text.Table("int8_t", $"{name}_weights", blocks.Arrange(weights, op.Groups, weightsAFilter));
        Functions(sums.WriteTwo, sums.WriteOne);
        text.Add(dsp is not null ? "#endif" : "");

        Begin(model, op, rows, window, text);
        string seen = op.Groups > 1 ? $"window + {CModel.Times("group", depth)}" : "window";
        if (op.IsPooled)
        {
            Places position = inTwos
                ? new(pool.KernelH, pool.KernelW / 2, w.StrideH * window.RowBytes, 2 * step)
                : new(pool.KernelH, pool.KernelW, w.StrideH * window.RowBytes, step);
            text.Add(Pixels("        ", $"for (int32_t x = 0; x < {columns}; x++)", $"row + {CModel.Times("x", pool.StrideW * step)}", name, op, blocks, weightsStep,
                size => Pooled(size, inTwos ? sums.Two(size) : sums.One(size), seen, inTwos ? 2 : 1, position, name, numbers)));
        }
        else
        {
            if (inTwos)
            {
                text.Add(Pixels("        ", $"for (int32_t x = 0; x < {columns - 1}; x += 2)", $"row + {CModel.Times("x", step)}", name, op, blocks, weightsStep,
                    size => Plain(size, sums.Two(size), seen, 2, filters, name, numbers), skip: filters));
            }

            if (inOnes)
            {
                string loop = inTwos ? "" : $"for (int32_t x = 0; x < {columns}; x++)";
                text.Add(Pixels("        ", loop, inTwos ? $"row + {(columns - 1) * step}" : $"row + {CModel.Times("x", step)}", name, op, blocks, weightsStep,
                    size => Plain(size, sums.One(size), seen, 1, filters, name, numbers)));
            }
        }

        text.Add("""
                }
            }
            """);

        void Functions(Func<int, int, string> two, Func<int, string> one)
        {
            foreach (int size in blocks.Sizes)
            {
                text.Add(string.Join('\n', (string[])[.. inTwos ? [two(size, step)] : (string[])[], .. inOnes ? [one(size)] : (string[])[]]));
            }
        }
    }

    /// <summary>All filters at one place of the window, or at two.</summary>
    private static string Pixels(string indent, string loop, string start, string name, Conv2DOp op, FilterBlocks blocks, string weightsStep,
        Func<int, string> block, int skip = 0)
    {
        List<string> lines = [$"{loop}{(loop.Length > 0 ? " " : "")}{{", $"    const int8_t *const window = {start};", $"    const int8_t *w = {name}_weights;", "    int32_t filter = 0;"];
        string inner = "    ";
        if (op.Groups > 1)
        {
            lines.Add($"    for (int32_t group = 0; group < {op.Groups}; group++) {{");
            inner += "    ";
        }

        foreach ((_, int size, int count) in blocks.Runs)
        {
            lines.Add(inner + (count > 1 ? $"for (int32_t block = 0; block < {count}; block++) {{" : "{"));
            lines.Add(Indent(block(size), inner + "    "));
            lines.Add($"{inner}    filter += {size};\n{inner}    w += {size} * {weightsStep};\n{inner}}}");
        }

        if (op.Groups > 1)
        {
            lines.Add("    }");
        }

        lines.Add(skip > 0 ? $"    output += {skip};\n}}" : "}");
        return Indent(string.Join('\n', lines), indent);
    }

    /// <summary>The head of the function, up to the rows that a row of the output looks at.</summary>
    private static void Begin(CModel model, Conv2DOp op, int rows, WindowRows window, CText text)
    {
        text.Add($$"""
            static void {{model.Name(op)}}(void)
            {
                const int8_t *const input = {{model.At(op.Input)}};
                int8_t *output = {{model.At(op.Output)}};
                for (int32_t y = 0; y < {{rows}}; y++) {
                    const int8_t *const row = {{window.Start}};
            """);
        if (window.BufferBytes > 0)
        {
            text.Add($"        {window.Take()}");
        }
    }

    private static string Plain(int size, string function, string window, int places, int filters, string name, OutputNumbers numbers)
    {
        string second = places == 1 ? "" : $"\n    output[{filters}] = {numbers.Requantize($"sums[i + {size}]", "filter + i")};";
        return $$"""
            int32_t sums[{{size * places}}];
            {{function}}({{window}}, w, {{name}}_bias + filter, sums);
            for (int32_t i = 0; i < {{size}}; i++) {{{second}}
                *output++ = {{numbers.Requantize("sums[i]", "filter + i")}};
            }
            """;
    }

    private static string Pooled(int size, string function, string window, int places, Places position, string name, OutputNumbers numbers)
    {
        string keep = string.Join('\n', Enumerable.Range(0, places).Select(i =>
            $"edgeconv_keep_largest(best, sums{(i == 0 ? "" : $" + {size}")}, {size});"));
        string each = $"""
            int32_t sums[{size * places}];
            {function}({window}{position.Offset}, w, {name}_bias + filter, sums);
            {keep}
            """;
        return $$"""
            int32_t best[{{size}}] = { {{string.Join(", ", Enumerable.Repeat("INT32_MIN", size))}} };
            {{position.Around(each)}}
            for (int32_t i = 0; i < {{size}}; i++) {
                *output++ = {{numbers.Requantize("best[i]", "filter + i")}};
            }
            """;
    }

    /// <summary>The places of a pooling's window.</summary>
    private sealed record Places(int Rows, int Columns, int RowStep, int ColumnStep)
    {
        /// <summary>Of one of them in the image.</summary>
        public string Offset =>
            (Rows > 1 ? $" + {CModel.Times("py", RowStep)}" : "") + (Columns > 1 ? $" + {CModel.Times("px", ColumnStep)}" : "");

        /// <summary>Loops over them.</summary>
        public string Around(string lines)
        {
            lines = Columns > 1 ? $"for (int32_t px = 0; px < {Columns}; px++) {{\n{Indent(lines, "    ")}\n}}" : lines;
            return Rows > 1 || Columns == 1 ? $"for (int32_t py = 0; py < {Rows}; py++) {{\n{Indent(lines, "    ")}\n}}" : lines;
        }
    }

    private static void Depthwise(CModel model, Conv2DOp op, CText text)
    {
        string name = model.Name(op);
        (int rows, int columns, int channels) = model.Image(op.Output);
        (Window w, Pooling pool) = (op.Window, op.Pool);
        int taps = w.KernelH * w.KernelW;
        ReadOnlySpan<sbyte> weights = model.Model.Weights(op.Weights);
        text.Table("int8_t", $"{name}_weights", weights.ToArray());   // [channel][row][column], as the file has them
        OutputNumbers numbers = OutputNumbers.Write(model, name, op, weights, text);
        WindowRows window = new(model, op.Input, w, pool);
        string pixel = numbers.Pixel($"window[{CModel.Times("ky", w.DilationH * window.RowBytes)} + {CModel.Times("kx", w.DilationW * channels)}]");
        Begin(model, op, rows, window, text);

        text.Add($$"""
                    for (int32_t x = 0; x < {{columns}}; x++) {
                        for (int32_t channel = 0; channel < {{channels}}; channel++) {
                            const int8_t *const w = {{name}}_weights + {{CModel.Times("channel", taps)}};
                            int32_t best = INT32_MIN;
                            for (int32_t py = 0; py < {{pool.KernelH}}; py++) {
                                for (int32_t px = 0; px < {{pool.KernelW}}; px++) {
                                    const int8_t *const window = row + {{CModel.Times("py", w.StrideH * window.RowBytes)}}
                                        + ({{CModel.Times("x", pool.StrideW)}} + px) * {{w.StrideW * channels}} + channel;
                                    int32_t sum = {{name}}_bias[channel];
                                    for (int32_t ky = 0; ky < {{w.KernelH}}; ky++) {
                                        for (int32_t kx = 0; kx < {{w.KernelW}}; kx++) {
                                            sum += {{pixel}} * w[ky * {{w.KernelW}} + kx];
                                        }
                                    }
                                    best = sum > best ? sum : best;
                                }
                            }
                            *output++ = {{numbers.Requantize("best", "channel")}};
                        }
                    }
                }
            }
            """);
    }

    private static string Indent(string lines, string indent) => indent + lines.Replace("\n", "\n" + indent);
}
