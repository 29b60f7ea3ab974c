using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Convolutions over rows that were widened to words of two int16 first, for <see cref="DotKernel"/>; with or without maximum pooling of the sums. What
/// a word holds and what the four lanes of the kernel are, the layouts say: see <see cref="WordLayout"/>.
/// </summary>
internal sealed class WordConvolution
{
    private readonly CModel _model;
    private readonly Conv2DOp _op;
    private readonly string _name;
    private readonly WordLayout _layout;
    private readonly OutputNumbers _numbers;
    private readonly DotKernel _dot;
    private readonly TileKernel? _tile;
    private readonly int _height, _width, _channels, _rows, _columns, _filters, _paddedColumns;

    private WordConvolution(CModel model, Conv2DOp op, WordLayout layout, OutputNumbers numbers)
    {
        (_model, _op, _name, _layout, _numbers) = (model, op, model.Name(op), layout, numbers);
        (_height, _width, _channels) = model.Image(op.Input);
        (_rows, _columns, _filters) = model.Image(op.Output);
        _paddedColumns = op.Window.PadLeft + _width + op.Window.PadRight;
        _dot = new($"{_name}_dot", layout.Groups, op.Window.KernelW, op.Window.StrideW, _paddedColumns);
        if (numbers.OneShift is { } shift && (!op.IsPooled || op.Pool.KernelH == layout.Rows))
        {
            TileKernel tile = new(_dot, layout, layout.Lines(1) * _paddedColumns, op.IsPooled, shift, _filters, _columns * _filters);
            _tile = tile.Reaches ? tile : null;
        }
    }

    /// <summary>One for every layout that fits the layer.</summary>
    public static IEnumerable<LayerWay> Ways(CModel model, Conv2DOp op)
    {
        foreach (WordLayout layout in WordLayout.All(model, op))
        {
            if (Obstacle(model, op, layout) is { } why)
            {
                yield return new RejectedForm(Extension.Dsp, layout.Name, why);
                continue;
            }

            OutputNumbers numbers = new(model, op, layout.Factor) { HasSteps = true };
            yield return numbers.IsSolved
                ? new WordConvolution(model, op, layout, numbers).Form()
                : new RejectedForm(Extension.Dsp, layout.Name, "no multiply-add equals the two roundings for all its sums");
        }
    }

    private static string? Obstacle(CModel model, Conv2DOp op, WordLayout layout)
    {
        (Window w, Pooling pool) = (op.Window, op.Pool);
        (int rows, int columns, _) = model.Image(op.Output);
        return op.Groups > 1 ? "channels in groups"
            : w.DilationW > 1 || w.DilationH > 1 ? "a dilated window"
            : op.IsPooled && (pool.KernelW != 2 || pool.KernelH % layout.Rows != 0) ? $"a pooling window of {pool.KernelH}x{pool.KernelW}"
            : !op.IsPooled && columns < 2 ? "one column"
            : !op.IsPooled && rows < layout.Rows ? "one row"
            : layout.Obstacle;
    }

    private int WindowRows => (_op.Pool.KernelH - 1) * _op.Window.StrideH + _op.Window.KernelH + (_op.IsPooled ? 0 : (_layout.Rows - 1) * _op.Window.StrideH);

    // Without a pooling two rows are done together where the layout gives two; an odd last one is done again with the one before it.
    private int RowSteps => _op.IsPooled ? _rows : (_rows + _layout.Rows - 1) / _layout.Rows;

    private int FirstOutputRow(int step) => _op.IsPooled ? step : Math.Min(step * _layout.Rows, _rows - _layout.Rows);

    private int FirstImageRow(int step) => FirstOutputRow(step) * _op.Pool.StrideH * _op.Window.StrideH - _op.Window.PadTop;

    private LayerForm Form()
    {
        (Pooling pool, int perDot) = (_op.Pool, _layout.FiltersADot);
        int blocks = (_filters + perDot - 1) / perDot, lines = _layout.Lines(WindowRows);
        long tiles = (long)RowSteps * (_op.IsPooled ? _columns * (pool.KernelH / _layout.Rows) * (pool.KernelW / 2) : (_columns + 1) / 2) * blocks;
        long outputs = (long)_rows * _columns * _filters;
        return new(Extension.Dsp, _layout.Name)
        {
            TableBytes = blocks * _layout.Sets * _dot.Weights * sizeof(int) + _numbers.TableBytes,
            ScratchBytes = lines * _paddedColumns * sizeof(int),
            Instructions = tiles * (_tile?.Instructions ?? _layout.Sets * (_dot.Instructions + 6) + _layout.CombineInstructions)
                + (_tile is null ? outputs * (_numbers.Instructions + (_op.IsPooled ? 4 * pool.Pixels : 0)) : tiles * 8) + (long)RowSteps * lines * _paddedColumns * _layout.InstructionsAWord,
            Below = Overlap.Below(RowSteps, FirstImageRow, step => (FirstOutputRow(step) + (_op.IsPooled ? 1 : _layout.Rows)) * _columns * _filters,
                (_height, _width * _channels), isBuffered: true),
            Write = Write,
        };
    }

    private void Write(CText text)
    {
        (Window w, Pooling pool) = (_op.Window, _op.Pool);
        int perDot = _layout.FiltersADot, full = _filters / perDot, left = _filters % perDot;
        _numbers.Write(text);
        text.Table("uint32_t", $"{_name}_words", _layout.Weights(_model.Model.Weights(_op.Weights), _filters));
        int[] sizes = [.. full > 0 ? [perDot] : (int[])[], .. left > 0 ? [left] : (int[])[]];
        Tiles(sizes, text);
        text.Add($$"""
            static void {{_name}}(void)
            {
                const int8_t *const input = {{_model.At(_op.Input)}};
                uint32_t *const words = {{_model.ScratchWords(_op)}};
                for (int32_t step = 0; step < {{RowSteps}}; step++) {
                    const int32_t y = {{Last("step", _layout.Rows, _rows)}};
                    int8_t *output = {{_model.At(_op.Output)}} + y * {{_columns * _filters}};
                    {{_layout.Fill($"words, input, {CModel.Minus(CModel.Times("y", pool.StrideH * w.StrideH), w.PadTop)}, {WindowRows}, {_height}, {_width}", $"{w.PadLeft}, {w.PadRight}, {_model.Info(_op.Input).ZeroPoint}", _paddedColumns)}}
                    for (int32_t column = 0; column < {{(_op.IsPooled ? _columns : (_columns + 1) / 2)}}; column++) {
                        const int32_t x = {{Last("column", 2, _columns)}};
                        const uint32_t *const window = words + {{CModel.Times("x", pool.StrideW * w.StrideW)}};
                        int8_t *const to = output + {{CModel.Times("x", _filters)}};
                        const uint32_t *w = {{_name}}_words;
            """);
        if (full > 0)
        {
            text.Add($$"""
                            for (int32_t filter = 0; filter < {{full * perDot}}; filter += {{perDot}}) {
                                {{Call(perDot, "filter")}}
                                w += {{_layout.Sets * _dot.Weights}};
                            }
                """);
        }

        text.Add((left > 0 ? $"            {Call(left, $"{full * perDot}")}\n" : "") + """
                    }
                }
            }
            """);
    }

    private string Call(int filters, string filter) => $"{_name}_dot_tile{filters}(window, w, {(_tile is null ? filter : $"{_name}_step + {filter}")}, to + {filter});";

    /// <summary>The place of a step: where they go in twos, the last ones may be done again.</summary>
    private string Last(string step, int size, int count) => _op.IsPooled || size == 1 ? step
        : count % size == 0 ? $"{step} * {size}" : $"{step} < {count / size} ? {step} * {size} : {count - size}";

    /// <summary>The functions that compute all outputs of some filters at one place of the loop over x.</summary>
    private void Tiles(int[] sizes, CText text)
    {
        if (_tile is null)
        {
            text.Add($"{_dot.Text()}\n{string.Join('\n', sizes.Select(TileInC))}");
            return;
        }

        text.Add($"""
            #if defined(__ARM_FEATURE_DSP)
            {string.Join('\n', sizes.Select(_tile.Text))}
            #else
            {_dot.TextInC()}
            {string.Join('\n', sizes.Select(TileInC))}
            #endif
            """);
    }

    private string TileInC(int filters)
    {
        (Window w, Pooling pool) = (_op.Window, _op.Pool);
        int sums = _layout.Rows * 2 * _layout.FiltersADot;
        string head = _tile is null
            ? $"static void {_name}_dot_tile{filters}(const uint32_t *x, const uint32_t *w, int32_t filter, int8_t *to)\n{{"
            : $"static void {_name}_dot_tile{filters}(const uint32_t *x, const uint32_t *w, const edgeconv_step *steps, int8_t *to)\n{{\n    const int32_t filter = (int32_t)(steps - {_name}_step);";
        if (!_op.IsPooled)
        {
            IEnumerable<string> outputs = Enumerable.Range(0, _layout.Rows).SelectMany(r => Enumerable.Range(0, 2).SelectMany(c => Enumerable.Range(0, filters).Select(f =>
                $"to[{r * _columns * _filters + c * _filters + f}] = {_numbers.Byte(Sum(r, c, f), $"filter + {f}")};")));
            return $$"""
                {{head}}
                    int32_t sums[{{sums}}];
                {{CText.Indent(_layout.Sums(_dot.Name, "x", _dot.Weights, _paddedColumns), "    ")}}
                {{CText.Indent(string.Join('\n', outputs), "    ")}}
                }
                """;
        }

        Places places = new(pool.KernelH / _layout.Rows, 1, _layout.Lines(_layout.Rows * w.StrideH) * _paddedColumns, 0);
        string keep = string.Join('\n', Enumerable.Range(0, filters).Select(f => $"best[{f}] = edgeconv_larger(best[{f}], {Largest(f)});"));
        string each = $"{_layout.Sums(_dot.Name, $"x{places.Offset}", _dot.Weights, _paddedColumns)}\n{keep}";
        return $$"""
            {{head}}
                int32_t sums[{{sums}}], best[{{filters}}] = { {{string.Join(", ", Enumerable.Repeat("INT32_MIN", filters))}} };
            {{CText.Indent(places.Around(each), "    ")}}
            {{CText.Indent(string.Join('\n', Enumerable.Range(0, filters).Select(f => $"to[{f}] = {_numbers.Byte($"best[{f}]", $"filter + {f}")};")), "    ")}}
            }
            """;

        string Sum(int r, int c, int f) => $"sums[{_layout.SumIndex(r, c, f)}]";

        string Largest(int f)
        {
            string[] values = [.. Enumerable.Range(0, _layout.Rows).SelectMany(r => Enumerable.Range(0, 2).Select(c => Sum(r, c, f)))];
            return values.Length == 2 ? $"edgeconv_larger({values[0]}, {values[1]})"
                : $"edgeconv_larger(edgeconv_larger({values[0]}, {values[1]}), edgeconv_larger({values[2]}, {values[3]}))";
        }
    }
}
