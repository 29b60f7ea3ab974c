using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Depthwise convolutions of four channels at a time: two words of int16 from four bytes (SXTB16), and a product from each half of a word (SMLABB,
/// SMLATT) to the sum of its own channel. Weights lie as int16 in the same order.
/// </summary>
internal sealed class DspDepthwise
{
    private const string Algorithm = "four channels";
    private const int Channels = 4;
    private readonly CModel _model;
    private readonly Conv2DOp _op;
    private readonly string _name;
    private readonly OutputNumbers _numbers;
    private readonly WindowRows _window;
    private readonly DepthwiseKernel _kernel;
    private readonly int _rows, _columns, _channels;

    private DspDepthwise(CModel model, Conv2DOp op, OutputNumbers numbers)
    {
        (_model, _op, _name, _numbers, _window) = (model, op, model.Name(op), numbers, new(model, op, op.Window, op.Pool));
        (_rows, _columns, _channels) = model.Image(op.Output);
        _kernel = new(
            $"{_name}_dot",
            [.. Enumerable.Range(0, Taps).Select(_window.Offset)],
            op.Window.StrideW * _channels);
    }

    /// <summary>The form, or why there is none.</summary>
    public static LayerWay Way(CModel model, Conv2DOp op)
    {
        OutputNumbers numbers = model.Numbers(op);
        if (op.IsPooled || !numbers.IsSolved || model.Image(op.Output).Width < 2)
        {
            return new RejectedForm(Extension.Dsp, Algorithm, op.IsPooled ? "a pooling behind it"
                : numbers.IsSolved ? "one column" : RejectedForm.Unsolved);
        }

        DspDepthwise layer = new(model, op, numbers);
        return layer._kernel.Reaches ? layer.Form() : new RejectedForm(Extension.Dsp, Algorithm, "a window wider than a load reaches");
    }

    private int Taps => _op.Window.KernelH * _op.Window.KernelW;

    private int Blocks => (_channels + Channels - 1) / Channels;

    private LayerForm Form()
    {
        long outputs = (long)_rows * _columns * _channels;
        return new(Extension.Dsp, Algorithm)
        {
            TableBytes = Blocks * Taps * Channels * sizeof(short) + _numbers.TableBytes,
            ScratchBytes = _window.BufferWith(DspSumText.ReadsBehind),
            Instructions = (long)_rows * ((_columns + 1) / 2) * Blocks * _kernel.Instructions + outputs * _numbers.Instructions + (long)_rows * _window.BufferBytes * 2,
            Below = _window.Below(_op.Output),
            Write = Write,
        };
    }

    /// <summary>[block of four channels][tap][channel 0, 2, 1, 3], as words.</summary>
    private uint[] Words()
    {
        ReadOnlySpan<sbyte> weights = _model.Model.Weights(_op.Weights);
        List<uint> words = [];
        for (int block = 0; block < _channels; block += Channels)
        {
            for (int tap = 0; tap < Taps; tap++)
            {
                words.Add(Pair(weights, block, block + 2, tap));
                words.Add(Pair(weights, block + 1, block + 3, tap));
            }
        }

        return [.. words];

        uint Pair(ReadOnlySpan<sbyte> all, int low, int high, int tap) => At(all, low, tap) | At(all, high, tap) << 16;

        uint At(ReadOnlySpan<sbyte> all, int channel, int tap) => channel < _channels ? (ushort)all[channel * Taps + tap] : 0u;
    }

    private void Write(CText text)
    {
        Window w = _op.Window;
        _numbers.Write(text);
        text.Table("uint32_t", $"{_name}_words", Words());
        text.Add(_kernel.Text());
        ConvolutionText.Begin(_model, _op, _rows, _window, text);
        text.Add($$"""
                    for (int32_t turn = 0; turn < {{(_columns + 1) / 2}}; turn++) {
                        const int32_t x = {{CModel.Place("turn", 2, _columns)}};
                        const int8_t *window = row + {{CModel.Times("x", w.StrideW * _channels)}};
                        const uint32_t *w = {{_name}}_words;
                        int8_t *to = output + {{CModel.Times("x", _channels)}};
            """);
        if (_channels >= Channels)
        {
            text.Add(CText.Indent(Block($"for (int32_t channel = 0; channel < {_channels / Channels * Channels}; channel += {Channels}) ", "channel", Channels), "            "));
        }

        if (_channels % Channels != 0)
        {
            text.Add(CText.Indent(Block("", $"{_channels / Channels * Channels}", _channels % Channels), "            "));
        }

        text.Add($$"""
                    }
                    output += {{_columns * _channels}};
                }
            }
            """);
    }

    private string Block(string loop, string channel, int channels) => $$"""
        {{loop}}{
            int32_t sums[{{2 * Channels}}];
            {{_name}}_dot(window, w, sums);
            w += {{2 * Taps}};
            window += {{channels}};
        {{string.Join('\n', Enumerable.Range(0, channels).Select(i => $"    to[{_channels + i}] = {_numbers.Byte($"sums[{Channels + i}]", $"{channel} + {i}")};\n    to[{i}] = {_numbers.Byte($"sums[{i}]", $"{channel} + {i}")};"))}}
            to += {{channels}};
        }
        """;
}
