using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Depthwise convolutions by the vector extension: four channels a vector of int32, at four places at a time, so that a vector of weights is loaded once
/// for four multiply-adds.
/// </summary>
internal sealed class VectorDepthwise
{
    private const string Algorithm = "four channels a vector, four places";
    private const int Channels = 4;

    private readonly CModel _model;
    private readonly Conv2DOp _op;
    private readonly string _name;
    private readonly OutputNumbers _numbers;
    private readonly WindowRows _window;
    private readonly int _rows, _columns, _channels, _places;

    private VectorDepthwise(CModel model, Conv2DOp op, OutputNumbers numbers)
    {
        (_model, _op, _name, _numbers, _window) = (model, op, model.Name(op), numbers, new(model, op, op.Window, op.Pool));
        (_rows, _columns, _channels) = model.Image(op.Output);
        _places = _columns >= 4 ? 4 : _columns >= 2 ? 2 : 1;
    }

    /// <summary>The form, or why there is none.</summary>
    public static LayerWay Way(CModel model, Conv2DOp op)
    {
        OutputNumbers numbers = model.Numbers(op);
        return op.IsPooled ? new RejectedForm(Extension.Mve, Algorithm, "a pooling behind it")
            : !numbers.HasVectors ? new RejectedForm(Extension.Mve, Algorithm, "a scale above one, or no room in the bias for the zero point")
            : model.Image(op.Output).Channels % Channels != 0 ? new RejectedForm(Extension.Mve, Algorithm, "channels that are no multiple of four")
            : new VectorDepthwise(model, op, numbers).Form();
    }

    private int Taps => _op.Window.KernelH * _op.Window.KernelW;

    private LayerForm Form()
    {
        long outputs = (long)_rows * _columns * _channels, tiles = (long)_rows * ((_columns + _places - 1) / _places) * (_channels / Channels);
        return new(Extension.Mve, Algorithm)
        {
            TableBytes = _channels * Taps + _numbers.VectorTableBytes,
            ScratchBytes = _window.BufferWith(VectorConvolution.ReadsBehind),
            Instructions = tiles * (Taps * (2 * _places + 1) + 12) + outputs * 3 + (long)_rows * _window.BufferBytes / 2,
            Below = _window.Below(_op.Output),
            Write = Write,
        };
    }

    /// <summary>[block of four channels][tap][channel].</summary>
    private sbyte[] Weights()
    {
        ReadOnlySpan<sbyte> weights = _model.Model.Weights(_op.Weights);
        sbyte[] arranged = new sbyte[weights.Length];
        for (int i = 0; i < arranged.Length; i++)
        {
            (int block, int rest) = Math.DivRem(i, Channels * Taps);
            arranged[i] = weights[(block * Channels + rest % Channels) * Taps + rest / Channels];
        }

        return arranged;
    }

    private void Write(CText text)
    {
        Window w = _op.Window;
        int place = w.StrideW * _channels;
        _numbers.WriteVectors(text);
        text.Table("int8_t", $"{_name}_weights", Weights());
        ConvolutionText.Begin(_model, _op, _rows, _window, text);
        int turns = (_columns + _places - 1) / _places;
        string x = CModel.Place("turn", _places, _columns);
        // Row by row: with all taps one after the other a compiler loads them all ahead and has no registers left.
        IEnumerable<string> taps = Enumerable.Range(0, w.KernelW).Select(tap =>
            string.Join('\n', Enumerable.Range(0, _places).Select(p => $"s{p} = edgeconv_multiply_add(s{p}, edgeconv_load_four(line{Plus(tap * w.DilationW * _channels + p * place)}), weight);")
                .Prepend($"weight = edgeconv_load_four(w{Plus(tap * Channels)});")));
        IEnumerable<string> outputs = Enumerable.Range(0, _places).Select(p => _numbers.StoreVector($"to{Plus(p * _channels)}", $"s{p}"));
        text.Add($$"""
                    for (int32_t turn = 0; turn < {{turns}}; turn++) {
                        const int32_t x = {{x}};
                        const int8_t *window = row + {{CModel.Times("x", place)}};
                        const int8_t *w = {{_name}}_weights;
                        int8_t *to = output + {{CModel.Times("x", _channels)}};
                        for (int32_t channel = 0; channel < {{_channels}}; channel += {{Channels}}) {
                            const edgeconv_four bias = edgeconv_load_words({{_name}}_bias + channel), multiplier = edgeconv_load_words({{_name}}_multiplier + channel);
                            const edgeconv_four shift = edgeconv_load_words({{_name}}_shift + channel);
                            edgeconv_four {{string.Join(", ", Enumerable.Range(0, _places).Select(p => $"s{p} = bias"))}}, weight;
                            const int8_t *line = window;
                            for (int32_t ky = 0; ky < {{w.KernelH}}; ky++) {
            {{CText.Indent(string.Join('\n', taps), "                    ")}}
                                line += {{w.DilationH * _window.RowBytes}};
                                w += {{w.KernelW * Channels}};
                            }
            {{CText.Indent(string.Join('\n', outputs), "                ")}}
                            window += {{Channels}};
                            to += {{Channels}};
                        }
                    }
                    output += {{_columns * _channels}};
                }
            }
            """);

        static string Plus(int offset) => offset == 0 ? "" : $" + {offset}";
    }
}
