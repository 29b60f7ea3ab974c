using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Convolutions from the bytes of the image as they are, alone or with their maximum pooling. The maximum is taken of the int32 sums: requantization
/// is monotone, so the bytes are the same, a quarter of the sums is requantized, and the convolution's output is never stored.
/// </summary>
internal sealed class PlainConvolution
{
    // Instructions a multiply-add, and for each row of the window, by filter and place; measured with GCC 12 on the emulated M3 and M4.
    private const double PortableTwo = 2.6, PortableOne = 3.4, DspTwo = 1.5, DspOne = 1.9, PackedPortable = 0.7, PackedDsp = 0.2, PortableRow = 6, DspRow = 1.3;

    private readonly CModel _model;
    private readonly Conv2DOp _op;
    private readonly string _name;
    private readonly OutputNumbers _numbers;
    private readonly FilterBlocks _blocks;
    private readonly WindowRows _window;
    private readonly DspSumText? _dsp;
    private readonly SumText _sums;
    private readonly int _rows, _columns, _filters, _depth, _step, _weightsAFilter;
    private readonly bool _inTwos, _inOnes, _isPacked;

    private PlainConvolution(CModel model, Conv2DOp op, bool dsp, bool isPacked)
    {
        _isPacked = isPacked;
        (_model, _op, _name, _numbers) = (model, op, model.Name(op), model.Numbers(op));
        int channels = model.Image(op.Input).Channels;
        (_rows, _columns, _filters) = model.Image(op.Output);
        (_depth, int share) = (channels / op.Groups, _filters / op.Groups);
        (Window w, Pooling pool) = (op.Window, op.Pool);
        _blocks = new(share);
        _weightsAFilter = w.KernelH * w.KernelW * _depth;
        _window = new(model, op, w, pool);
        _step = w.StrideW * channels;
        bool isRun = IsRun(op);
        _sums = new(_name, w.KernelH, isRun ? w.KernelW * _depth : _depth, isRun ? 1 : w.KernelW, w.DilationW * channels,
            _window.RowBytes * w.DilationH, _numbers, isPacked);
        _inTwos = isRun && (op.IsPooled ? pool.KernelW % 2 == 0 : _columns > 1);
        _inOnes = !_inTwos || (!op.IsPooled && _columns % 2 != 0);
        _dsp = dsp ? new(_name, w.KernelH, w.KernelW * _depth, _window.RowBytes * w.DilationH, part: _inTwos ? 2 : 4, _numbers, isPacked) : null;
    }

    /// <summary>The portable form.</summary>
    /// <param name="model">The model.</param>
    /// <param name="op">The layer.</param>
    /// <param name="isPacked">Whether weights of int4 stay so.</param>
    public static LayerForm Portable(CModel model, Conv2DOp op, bool isPacked = false)
    {
        PlainConvolution layer = new(model, op, dsp: false, isPacked);
        return layer.Form(Extension.Portable, layer._inTwos ? "two places by four filters" : "four filters", layer._inTwos ? PortableTwo : PortableOne);
    }

    /// <summary>Words of four bytes taken apart as they are needed: no buffer, weights of a byte or of four bits.</summary>
    /// <param name="model">The model.</param>
    /// <param name="op">The layer.</param>
    /// <param name="isPacked">Whether weights of int4 stay so.</param>
    public static LayerWay Dsp(CModel model, Conv2DOp op, bool isPacked = false)
    {
        const string Algorithm = "bytes widened in the loop";
        if (!IsRun(op) || !model.Numbers(op).IsFolded)
        {
            return new RejectedForm(Extension.Dsp, Algorithm, IsRun(op) ? "int32 has no room for the zero point in the bias" : "the bytes of a window's row do not lie side by side");
        }

        PlainConvolution layer = new(model, op, dsp: true, isPacked);
        return layer.Form(Extension.Dsp, Algorithm, layer._inTwos ? DspTwo : DspOne);
    }

    private LayerForm Form(Extension needs, string algorithm, double instructionsAMac)
    {
        int weights = _blocks.Runs.Sum(run => run.Count * BlockBytes(run.Size)) * _op.Groups;
        int run = _op.Window.KernelW * _depth;
        instructionsAMac += !_isPacked ? 0 : needs == Extension.Dsp ? PackedDsp : PackedPortable;
        // Fours of taps are taken as whole words.
        instructionsAMac = needs == Extension.Dsp ? (instructionsAMac * ((run + 3) / 4 * 4) + DspRow) / run : instructionsAMac + PortableRow / run;
        Pooling pool = _op.Pool;
        long outputs = (long)_rows * _columns * _filters, macs = outputs * pool.Pixels * _weightsAFilter;
        return new(needs, _isPacked ? $"{algorithm}, {PackedWeights.Algorithm}" : algorithm)
        {
            TableBytes = weights + _numbers.TableBytes,
            ScratchBytes = _window.BufferWith(DspSumText.ReadsBehind),
            Instructions = (long)(macs * instructionsAMac) + outputs * _numbers.Instructions,
            Below = _window.Below(_op.Output),
            Write = Write,
        };
    }

    private static bool IsRun(Conv2DOp op) => op.Window.DilationW == 1 && op.Groups == 1;

    private void Write(CText text)
    {
        ReadOnlySpan<sbyte> weights = _model.Model.Weights(_op.Weights);
        (Window w, Pooling pool) = (_op.Window, _op.Pool);
        _numbers.Write(text);
        text.Table("int8_t", $"{_name}_weights", _dsp?.Arrange(weights, _blocks) ?? [.. _blocks.Arrange(weights, _op.Groups, _weightsAFilter, _isPacked)]);
        HashSet<string> written = [];
        foreach (int size in _blocks.Sizes)
        {
            string[] two = _inTwos ? [_dsp?.WriteTwo(size, _step, written) ?? _sums.WriteTwo(size, _step)] : [];
            string[] one = _inOnes ? [_dsp?.WriteOne(size, written) ?? _sums.WriteOne(size)] : [];
            text.Add(string.Join('\n', [.. two, .. one]));
        }

        ConvolutionText.Begin(_model, _op, _rows, _window, text);
        string seen = _op.Groups > 1 ? $"window + {CModel.Times("group", _depth)}" : "window";
        if (_op.IsPooled)
        {
            Places position = _inTwos
                ? new(pool.KernelH, pool.KernelW / 2, w.StrideH * _window.RowBytes, 2 * _step)
                : new(pool.KernelH, pool.KernelW, w.StrideH * _window.RowBytes, _step);
            text.Add(Pixels($"for (int32_t x = 0; x < {_columns}; x++)", $"row + {CModel.Times("x", pool.StrideW * _step)}",
                size => Pooled(size, _inTwos ? _sums.Two(size) : _sums.One(size), seen, _inTwos ? 2 : 1, position)));
        }
        else
        {
            if (_inTwos)
            {
                text.Add(Pixels($"for (int32_t x = 0; x < {_columns - 1}; x += 2)", $"row + {CModel.Times("x", _step)}",
                    size => Plain(size, _sums.Two(size), seen, 2), skip: _filters));
            }

            if (_inOnes)
            {
                string loop = _inTwos ? "" : $"for (int32_t x = 0; x < {_columns}; x++)";
                text.Add(Pixels(loop, _inTwos ? $"row + {(_columns - 1) * _step}" : $"row + {CModel.Times("x", _step)}",
                    size => Plain(size, _sums.One(size), seen, 1)));
            }
        }

        text.Add("""
                }
            }
            """);
    }

    /// <summary>Bytes of the weights of a block of filters.</summary>
    private int BlockBytes(int size) => _dsp?.Bytes(size) ?? PackedWeights.Bytes(size, _isPacked) * _weightsAFilter;

    /// <summary>All filters at one place of the window, or at two.</summary>
    private string Pixels(string loop, string start, Func<int, string> block, int skip = 0)
    {
        List<string> lines = [$"{loop}{(loop.Length > 0 ? " " : "")}{{", $"    const int8_t *const window = {start};", $"    const int8_t *w = {_name}_weights;", "    int32_t filter = 0;"];
        string inner = "    ";
        if (_op.Groups > 1)
        {
            lines.Add($"    for (int32_t group = 0; group < {_op.Groups}; group++) {{");
            inner += "    ";
        }

        foreach ((_, int size, int count) in _blocks.Runs)
        {
            lines.Add(inner + (count > 1 ? $"for (int32_t block = 0; block < {count}; block++) {{" : "{"));
            lines.Add(CText.Indent(block(size), inner + "    "));
            lines.Add($"{inner}    filter += {size};\n{inner}    w += {BlockBytes(size)};\n{inner}}}");
        }

        if (_op.Groups > 1)
        {
            lines.Add("    }");
        }

        lines.Add(skip > 0 ? $"    output += {skip};\n}}" : "}");
        return CText.Indent(string.Join('\n', lines), "        ");
    }

    private string Plain(int size, string function, string window, int places)
    {
        string second = places == 1 ? "" : $"\n    output[{_filters}] = {_numbers.Byte($"sums[i + {size}]", "filter + i")};";
        return $$"""
            int32_t sums[{{size * places}}];
            {{function}}({{window}}, w{{_numbers.BiasArgument("filter")}}, sums);
            for (int32_t i = 0; i < {{size}}; i++) {{{second}}
                *output++ = {{_numbers.Byte("sums[i]", "filter + i")}};
            }
            """;
    }

    private string Pooled(int size, string function, string window, int places, Places position)
    {
        string keep = string.Join('\n', Enumerable.Range(0, places).Select(i =>
            $"edgeconv_keep_largest(best, sums{(i == 0 ? "" : $" + {size}")}, {size});"));
        string each = $"""
            int32_t sums[{size * places}];
            {function}({window}{position.Offset}, w{_numbers.BiasArgument("filter")}, sums);
            {keep}
            """;
        return $$"""
            int32_t best[{{size}}] = { {{string.Join(", ", Enumerable.Repeat("INT32_MIN", size))}} };
            {{position.Around(each)}}
            for (int32_t i = 0; i < {{size}}; i++) {
                *output++ = {{_numbers.Byte("best[i]", "filter + i")}};
            }
            """;
    }
}
