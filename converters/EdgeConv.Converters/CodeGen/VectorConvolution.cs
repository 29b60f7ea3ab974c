using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Convolutions by the vector extension: sixteen taps of a window that lie side by side, or that a gather brings together, against sixteen weights
/// each of two filters, at up to four places at a time. Nothing is widened or copied but the rows with their padding.
/// </summary>
internal sealed class VectorConvolution
{
    /// <summary>Bytes that are read behind the last one of a row.</summary>
    public const int ReadsBehind = Lanes - 1;

    private const int Lanes = 16, Filters = 2, MostUnrolled = 12;

    private readonly CModel _model;
    private readonly Conv2DOp _op;
    private readonly string _name;
    private readonly OutputNumbers _numbers;
    private readonly WindowRows _window;
    private readonly bool _isGathered;
    private readonly int _rows, _columns, _filters, _channels, _step, _places, _vectors;

    private VectorConvolution(CModel model, Conv2DOp op, OutputNumbers numbers, WindowRows window, bool isGathered)
    {
        (_model, _op, _name, _numbers, _window, _isGathered) = (model, op, model.Name(op), numbers, window, isGathered);
        _channels = model.Image(op.Input).Channels;
        (_rows, _columns, _filters) = model.Image(op.Output);
        _step = op.Window.StrideW * _channels;
        _places = op.IsPooled ? op.Pool.KernelW == 2 ? op.Pool.KernelH % 2 == 0 ? 4 : 2 : 1 : _columns >= 4 ? 4 : _columns >= 2 ? 2 : 1;
        _vectors = isGathered ? Up(TapsOf(op, _channels)) : op.Window.KernelH * Up(op.Window.KernelW * _channels);
    }

    /// <summary>The form, or why there is none.</summary>
    public static LayerWay Way(CModel model, Conv2DOp op)
    {
        const string Algorithm = "sixteen taps a vector";
        OutputNumbers numbers = model.Numbers(op);
        Window w = op.Window;
        int channels = model.Image(op.Input).Channels;
        string? why = op.Groups > 1 ? "channels in groups" : !numbers.IsSolved ? RejectedForm.Unsolved : null;
        WindowRows window = new(model, op, w, op.Pool);
        int reach = (w.KernelH - 1) * w.DilationH * window.RowBytes + ((w.KernelW - 1) * w.DilationW + 1) * channels - 1;
        bool isRun = w.DilationW == 1, canGather = reach <= byte.MaxValue;
        if (!isRun && !canGather)
        {
            why ??= $"a dilated window of {reach + 1} bytes, of which a gather reaches 256";
        }

        bool isGathered = canGather && (!isRun || Up(TapsOf(op, channels)) < w.KernelH * Up(w.KernelW * channels));
        return why is not null
            ? new RejectedForm(Extension.Mve, Algorithm, why)
            : new VectorConvolution(model, op, numbers, window, isGathered).Form(isGathered ? $"{Algorithm}, gathered" : Algorithm);
    }

    private static int Up(int taps) => (taps + Lanes - 1) / Lanes;

    private static int TapsOf(Conv2DOp op, int channels) => op.Window.KernelH * op.Window.KernelW * channels;

    private int Blocks => (_filters + Filters - 1) / Filters;

    private LayerForm Form(string algorithm)
    {
        Pooling pool = _op.Pool;
        long outputs = (long)_rows * _columns * _filters;
        long tiles = (_op.IsPooled ? (long)_rows * _columns * pool.Pixels / _places : (long)_rows * ((_columns + _places - 1) / _places)) * Blocks;
        return new(Extension.Mve, algorithm)
        {
            TableBytes = Blocks * Filters * _vectors * Lanes + _numbers.TableBytes + (_isGathered ? _vectors * Lanes : 0),
            ScratchBytes = _window.BufferWith(ReadsBehind),
            Instructions = tiles * (_vectors * (_places * 3 + 2) + 12) + outputs * (_numbers.Instructions + (_op.IsPooled ? 2 * pool.Pixels : 0))
                + (long)_rows * _window.BufferBytes,
            Below = _window.Below(_op.Output),
            Write = Write,
        };
    }

    /// <summary>[block of two filters][vector][filter][tap], filled up with zeros.</summary>
    private sbyte[] Weights()
    {
        ReadOnlySpan<sbyte> weights = _model.Model.Weights(_op.Weights);
        int taps = TapsOf(_op, _channels), run = _isGathered ? taps : _op.Window.KernelW * _channels;
        List<sbyte> arranged = [];
        for (int block = 0; block < Blocks * Filters; block += Filters)
        {
            for (int first = 0; first < taps; first += run)
            {
                for (int vector = 0; vector < Up(run) * Lanes; vector += Lanes)
                {
                    for (int filter = block; filter < block + Filters; filter++)
                    {
                        for (int i = vector; i < vector + Lanes; i++)
                        {
                            arranged.Add(filter < _filters && i < run ? weights[filter * taps + first + i] : (sbyte)0);
                        }
                    }
                }
            }
        }

        return [.. arranged];
    }

    /// <summary>Distances of the taps from the first one.</summary>
    private byte[] Offsets()
    {
        byte[] offsets = new byte[_vectors * Lanes];
        for (int tap = 0; tap < TapsOf(_op, _channels); tap++)
        {
            (int at, int channel) = Math.DivRem(tap, _channels);
            offsets[tap] = (byte)(_window.Offset(at) + channel);
        }

        return offsets;
    }

    private void Write(CText text)
    {
        (Window w, Pooling pool) = (_op.Window, _op.Pool);
        _numbers.Write(text);
        text.Table("int8_t", $"{_name}_weights", Weights());
        if (_isGathered)
        {
            text.Table("uint8_t", $"{_name}_offsets", Offsets());
        }

        text.Add(Kernel());
        ConvolutionText.Begin(_model, _op, _rows, _window, text);
        int across = _op.IsPooled ? 1 : _places;
        int turns = (_columns + across - 1) / across;
        string x = CModel.Place("turn", across, _columns);
        text.Add($$"""
                    for (int32_t turn = 0; turn < {{turns}}; turn++) {
                        const int32_t x = {{x}};
                        const int8_t *const window = row + {{CModel.Times("x", pool.StrideW * _step)}};
                        const int8_t *w = {{_name}}_weights;
                        int8_t *to = output + {{CModel.Times("x", _filters)}};
            """);
        if (_filters >= Filters)
        {
            text.Add(CText.Indent(Block($"for (int32_t filter = 0; filter < {_filters / Filters * Filters}; filter += {Filters}) ", "filter", Filters), "            "));
        }

        if (_filters % Filters != 0)
        {
            text.Add(CText.Indent(Block("", $"{_filters - 1}", 1), "            "));
        }

        text.Add($$"""
                    }
                    output += {{_columns * _filters}};
                }
            }
            """);
    }

    private string Block(string loop, string filter, int filters)
    {
        (Window w, Pooling pool) = (_op.Window, _op.Pool);
        string weights = $"w += {_vectors * Filters * Lanes};";
        if (!_op.IsPooled)
        {
            IEnumerable<string> outputs = Enumerable.Range(0, _places).SelectMany(place => Enumerable.Range(0, filters).Select(f =>
                $"to[{place * _filters + f}] = {_numbers.Byte($"sums[{place * Filters + f}]", $"{filter} + {f}")};"));
            return $$"""
                {{loop}}{
                    int32_t sums[{{_places * Filters}}];
                    {{_name}}_dot(window, w, sums);
                {{CText.Indent(string.Join('\n', outputs), "    ")}}
                    to += {{filters}};
                    {{weights}}
                }
                """;
        }

        (int down, int right) = _places switch { 4 => (2, 2), 2 => (1, 2), _ => (1, 1) };
        Places places = new(pool.KernelH / down, pool.KernelW / right, down * w.StrideH * _window.RowBytes, right * _step);
        bool isOne = places.Rows == 1 && places.Columns == 1;
        IEnumerable<string> keep = Enumerable.Range(0, filters).Select(f =>
            $"best{f} = {Enumerable.Range(0, _places).Select(place => $"sums[{place * Filters + f}]").Aggregate($"best{f}", (a, b) => $"edgeconv_larger({a}, {b})")};");
        string each = $"int32_t sums[{_places * Filters}];\n{_name}_dot(window{places.Offset}, w, sums);\n{string.Join('\n', keep)}";
        return $$"""
            {{loop}}{
            {{string.Join('\n', Enumerable.Range(0, filters).Select(f => $"    int32_t best{f} = INT32_MIN;"))}}
            {{CText.Indent(isOne ? $"{{\n{CText.Indent(each, "    ")}\n}}" : places.Around(each), "    ")}}
            {{string.Join('\n', Enumerable.Range(0, filters).Select(f => $"    *to++ = {_numbers.Byte($"best{f}", $"{filter} + {f}")};"))}}
                {{weights}}
            }
            """;
    }

    /// <summary>Bytes from the first place to another: to the right, or in a window of two by two.</summary>
    private int Distance(int place) => _op.IsPooled && _places == 4
        ? place / 2 * _op.Window.StrideH * _window.RowBytes + place % 2 * _step
        : place * _step;

    private string Kernel()
    {
        string[] sums = [.. Enumerable.Range(0, _places * Filters).Select(i => $"s{i}")];
        string vectors(Func<int, string> x) => string.Join('\n', Enumerable.Range(0, Filters).Select(f => $"const edgeconv_bytes w{f} = edgeconv_load(w + {f * Lanes});")
            .Concat(Enumerable.Range(0, _places).Select(place => $"const edgeconv_bytes x{place} = {x(place)};"))
            .Concat(Enumerable.Range(0, _places * Filters).Select(i => $"s{i} = edgeconv_dot(s{i}, w{i % Filters}, x{i / Filters});"))
            .Append($"w += {Filters * Lanes};"));
        int inRow = _isGathered ? _vectors : Up(_op.Window.KernelW * _channels);
        string unroll = _vectors <= MostUnrolled ? $"EDGECONV_UNROLL\n" : "";
        string body = _isGathered
            ? $$"""
              {{unroll}}for (int32_t i = 0; i < {{_vectors}}; i++) {
                  const edgeconv_offsets offsets = edgeconv_load_offsets({{_name}}_offsets + {{Lanes}} * i);
              {{CText.Indent(vectors(place => $"edgeconv_gather(x{(Distance(place) == 0 ? "" : $" + {Distance(place)}")}, offsets)"), "    ")}}
              }
              """
            : $$"""
              {{unroll}}for (int32_t row = 0; row < {{_op.Window.KernelH}}; row++) {
                  {{unroll.Replace("\n", "\n    ", StringComparison.Ordinal)}}for (int32_t i = 0; i < {{inRow * Lanes}}; i += {{Lanes}}) {
              {{CText.Indent(vectors(place => $"edgeconv_load(x + i{(Distance(place) == 0 ? "" : $" + {Distance(place)}")})"), "        ")}}
                  }
                  x += {{_op.Window.DilationH * _window.RowBytes}};
              }
              """;
        return $$"""
            static inline void {{_name}}_dot(const int8_t *x, const int8_t *w, int32_t *sums)
            {
                int32_t {{string.Join(", ", sums.Select(sum => $"{sum} = 0"))}};
            {{CText.Indent(body, "    ")}}
            {{string.Join('\n', sums.Select((sum, i) => $"    sums[{i}] = {sum};"))}}
            }
            """;
    }
}
