using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Convolutions over rows that were widened to words of two int16 first, for <see cref="DotKernel"/>; with or without maximum pooling of the sums. What
/// a word holds and what the four lanes of the kernel are, the layouts say: see <see cref="WordLayout"/>.
/// </summary>
internal sealed class WordConvolution
{
    // Steps of a buffer that slides, until its beginning is used again.
    private const int Room = 3;

    private readonly CModel _model;
    private readonly Conv2DOp _op;
    private readonly string _name;
    private readonly WordLayout _layout;
    private readonly OutputNumbers _numbers;
    private readonly DotKernel _dot;
    private readonly TileKernel? _tile;
    private readonly TileSteps _steps;
    private readonly int _height, _width, _channels, _rows, _columns, _filters, _paddedColumns;
    private readonly bool _slides;
    private readonly uint[] _words;

    private WordConvolution(CModel model, Conv2DOp op, WordLayout layout, OutputNumbers numbers, uint[] words, bool isPaired, bool slides)
    {
        (_words, _slides) = (words, slides);
        (_model, _op, _name, _layout, _numbers) = (model, op, model.Name(op), layout, numbers);
        (_height, _width, _channels) = model.Image(op.Input);
        (_rows, _columns, _filters) = model.Image(op.Output);
        _paddedColumns = op.Window.PadLeft + _width + op.Window.PadRight;
        _dot = new($"{_name}_dot", layout.Groups, op.Window.KernelW, op.Window.StrideW, _paddedColumns, isPaired);
        int across = op.IsPooled ? 1 : 2;
        _steps = new(across * op.Pool.StrideW * op.Window.StrideW, layout.Lines(1) * _paddedColumns, across * _filters, _filters, _columns * _filters);
        if (numbers.OneShift is { } shift && (!op.IsPooled || op.Pool.KernelH == layout.Rows))
        {
            TileKernel tile = new(_dot, layout, _steps, op.IsPooled, shift);
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

            OutputNumbers numbers = model.Numbers(op, layout.Factor).WithSteps();
            if (!numbers.IsSolved)
            {
                yield return new RejectedForm(Extension.Dsp, layout.Name, RejectedForm.Unsolved);
                continue;
            }

            uint[] words = layout.Weights(model.Model.Weights(op.Weights), model.Image(op.Output).Channels);
            foreach (LayerWay way in Of(words, isPaired: false))
            {
                yield return way;
            }

            if (layout.Sets > 1)
            {
                continue;
            }

            foreach (LayerWay way in PairedWeights.Obstacle(words, layout.Groups * op.Window.KernelW) is { } not
                ? [new RejectedForm(Extension.Dsp, $"{layout.Name}, {PairedWeights.Algorithm}", not)]
                : Of(PairedWeights.Pack(words), isPaired: true))
            {
                yield return way;
            }

            IEnumerable<LayerWay> Of(uint[] words, bool isPaired)
            {
                yield return new WordConvolution(model, op, layout, numbers, words, isPaired, slides: false).Form();
                WordConvolution sliding = new(model, op, layout, numbers, words, isPaired, slides: true);
                if (sliding.CanSlide)
                {
                    yield return sliding.Form();
                }
            }
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

    /// <summary>Rows of the image from one step to the next.</summary>
    private int Advance => (_op.IsPooled ? _op.Pool.StrideH : _layout.Rows) * _op.Window.StrideH;

    private int AllLines => _layout.Lines(WindowRows);

    private int NewLines => _layout.Lines(Advance);

    // Lines stay as they are while they are of use: not those that Winograd has changed, and each step must move on by the same.
    private bool CanSlide => _layout.Sets == 1 && NewLines < AllLines && _layout.Lines(WindowRows - Advance) == AllLines - NewLines
        && (_op.IsPooled || _rows % _layout.Rows == 0);

    /// <summary>Lines that the buffer holds: with room for some more, so that the first ones are seldom needed again.</summary>
    private int BufferLines => AllLines + (_slides ? Room * NewLines : 0);

    private LayerForm Form()
    {
        (Pooling pool, int perDot) = (_op.Pool, _layout.FiltersADot);
        int blocks = (_filters + perDot - 1) / perDot, lines = _slides ? NewLines + AllLines / (Room + 1) : AllLines;
        long tiles = (long)RowSteps * (_op.IsPooled ? _columns * (pool.KernelH / _layout.Rows) * (pool.KernelW / 2) : (_columns + 1) / 2) * blocks;
        long outputs = (long)_rows * _columns * _filters;
        return new(Extension.Dsp, $"{_layout.Name}{(_dot.IsPaired ? $", {PairedWeights.Algorithm}" : "")}{(_slides ? ", each row widened once" : "")}")
        {
            TableBytes = blocks * _layout.Sets * _dot.Weights * sizeof(int) + _numbers.TableBytes,
            ScratchBytes = BufferLines * _paddedColumns * sizeof(int),
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
        (int Filters, int Blocks, int First)[] parts = [(perDot, full, 0), (left, 1, full * perDot)];
        parts = [.. parts.Where(part => part.Filters * part.Blocks > 0)];
        _numbers.Write(text, _tile is null ? null : "__ARM_FEATURE_DSP");
        text.Table("uint32_t", $"{_name}_words", _words);
        text.Add(_tile is null
            ? $"{_dot.Text()}\n{string.Join('\n', parts.Select(part => RowInC(part.Filters, part.Blocks)))}"
            : $"""
            #if defined(__ARM_FEATURE_DSP)
            {string.Join('\n', parts.Select(part => _tile.Text(RowName(part.Filters), part.Filters, part.Blocks)))}
            #else
            {_dot.TextInC()}
            {string.Join('\n', parts.Select(part => RowInC(part.Filters, part.Blocks)))}
            #endif
            """);
        bool isOdd = !_op.IsPooled && _columns % 2 != 0;
        string fill = _slides ? Slide() : Fill("words", 0, WindowRows);
        text.Add($$"""
            static void {{_name}}(void)
            {
                const int8_t *const input = {{_model.At(_op.Input)}};
                uint32_t *{{(_slides ? "" : "const ")}}words = {{_model.ScratchWords(_op)}};
                for (int32_t step = 0; step < {{RowSteps}}; step++) {
                    const int32_t y = {{Last("step", _layout.Rows, _rows)}};
                    int8_t *const output = {{_model.At(_op.Output)}} + y * {{_columns * _filters}};
            {{CText.Indent(fill, "        ")}}
            {{string.Join('\n', parts.Select(part => Call(part.First, part.Filters, 0, _op.IsPooled ? _columns : _columns / 2)))}}
            {{(isOdd ? string.Join('\n', parts.Select(part => Call(part.First, part.Filters, _columns - 2, 1))) : "")}}
                }
            }
            """);
    }

    /// <summary>The rows that the windows see for the first time, behind those that they have seen; when the buffer ends, these go to its beginning.</summary>
    private string Slide()
    {
        int line = _paddedColumns, kept = (AllLines - NewLines) * line;
        string first = _model.ScratchWords(_op);
        return $$"""
            if (step == 0) {
                {{Fill("words", 0, WindowRows)}}
            } else {
                words += {{NewLines * line}};
                if (words + {{AllLines * line}} > {{first}} + {{BufferLines * line}}) {
                    edgeconv_copy_words({{first}}, words, {{kept}});
                    words = {{first}};
                }
                {{Fill($"words + {kept}", WindowRows - Advance, Advance)}}
            }
            """;
    }

    private string Fill(string to, int row, int rows)
    {
        Window w = _op.Window;
        string first = CModel.Minus(CModel.Times("y", _op.Pool.StrideH * w.StrideH), w.PadTop - row);
        return _layout.Fill($"{to}, input, {first}, {rows}, {_height}, {_width}", $"{w.PadLeft}, {w.PadRight}, {_model.Info(_op.Input).ZeroPoint}", _paddedColumns);
    }

    private string RowName(int filters) => $"{_name}_row{filters}";

    private string Call(int first, int filters, int column, int count)
    {
        string x = column == 0 ? "words" : $"words + {column * _op.Window.StrideW}", w = first == 0 ? $"{_name}_words" : $"{_name}_words + {first / _layout.FiltersADot * _layout.Sets * _dot.Weights}";
        string steps = _tile is null ? $"{first}" : first == 0 ? $"{_name}_step" : $"{_name}_step + {first}", to = column * _filters + first == 0 ? "output" : $"output + {column * _filters + first}";
        return $"        {RowName(filters)}({x}, {w}, {steps}, {to}, {count});";
    }

    /// <summary>The first row of a step: where they go in twos, the last ones may be done again.</summary>
    private string Last(string step, int size, int count) => _op.IsPooled ? step : CModel.Place(step, size, count);

    /// <summary>The function that computes all outputs of some blocks of filters for the places of a row.</summary>
    private string RowInC(int filters, int blocks)
    {
        (string parameter, string first) = _tile is null ? ("int32_t first", "first") : ("const edgeconv_step *steps", $"(int32_t)(steps - {_name}_step)");
        return $$"""
            static void {{RowName(filters)}}(const uint32_t *x, const uint32_t *w, {{parameter}}, int8_t *to, int32_t count)
            {
                for (int32_t column = 0; column < count; column++) {
                    int32_t filter = {{first}};
                    const uint32_t *v = w;
                    for (int32_t block = 0; block < {{blocks}}; block++) {
            {{CText.Indent(TileInC(filters), "            ")}}
                        filter += {{filters}};
                        v += {{_layout.Sets * _dot.Weights}};
                        to += {{filters}};
                    }
                    x += {{_steps.X}};
                    to += {{_steps.To - filters * blocks}};
                }
            }
            """;
    }

    private string TileInC(int filters)
    {
        (Window w, Pooling pool) = (_op.Window, _op.Pool);
        int sums = _layout.Rows * 2 * _layout.FiltersADot;
        if (!_op.IsPooled)
        {
            IEnumerable<string> outputs = Enumerable.Range(0, _layout.Rows).SelectMany(r => Enumerable.Range(0, 2).SelectMany(c => Enumerable.Range(0, filters).Select(f =>
                $"to[{r * _steps.Row + c * _steps.Place + f}] = {_numbers.Byte(Sum(r, c, f), $"filter + {f}")};")));
            return $"int32_t sums[{sums}];\n{_layout.Sums(_dot.Name, "x", "v", _dot.Weights, _paddedColumns)}\n{string.Join('\n', outputs)}";
        }

        Places places = new(pool.KernelH / _layout.Rows, 1, _layout.Lines(_layout.Rows * w.StrideH) * _paddedColumns, 0);
        string keep = string.Join('\n', Enumerable.Range(0, filters).Select(f => $"best[{f}] = edgeconv_larger(best[{f}], {Largest(f)});"));
        string each = $"{_layout.Sums(_dot.Name, $"x{places.Offset}", "v", _dot.Weights, _paddedColumns)}\n{keep}";
        return $$"""
            int32_t sums[{{sums}}], best[{{filters}}] = { {{string.Join(", ", Enumerable.Repeat("INT32_MIN", filters))}} };
            {{places.Around(each)}}
            {{string.Join('\n', Enumerable.Range(0, filters).Select(f => $"to[{f}] = {_numbers.Byte($"best[{f}]", $"filter + {f}")};"))}}
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
