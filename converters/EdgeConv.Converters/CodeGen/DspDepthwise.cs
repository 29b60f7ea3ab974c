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
    private const double InstructionsAMac = 2.2;

    private readonly CModel _model;
    private readonly Conv2DOp _op;
    private readonly string _name;
    private readonly OutputNumbers _numbers;
    private readonly WindowRows _window;
    private readonly int _rows, _columns, _channels;

    private DspDepthwise(CModel model, Conv2DOp op, OutputNumbers numbers)
    {
        (_model, _op, _name, _numbers, _window) = (model, op, model.Name(op), numbers, new(model, op, op.Window, op.Pool));
        (_rows, _columns, _channels) = model.Image(op.Output);
    }

    /// <summary>The form, or why there is none.</summary>
    public static LayerWay Way(CModel model, Conv2DOp op)
    {
        OutputNumbers numbers = new(model, op);
        return op.IsPooled ? new RejectedForm(Extension.Dsp, Algorithm, "a pooling behind it")
            : !numbers.IsSolved ? new RejectedForm(Extension.Dsp, Algorithm, "no multiply-add equals the two roundings for all its sums")
            : new DspDepthwise(model, op, numbers).Form();
    }

    private int Taps => _op.Window.KernelH * _op.Window.KernelW;

    private int Blocks => (_channels + Channels - 1) / Channels;

    private LayerForm Form()
    {
        (int height, int width, int channels) = _model.Image(_op.Input);
        long outputs = (long)_rows * _columns * _channels;
        return new(Extension.Dsp, Algorithm)
        {
            TableBytes = Blocks * Taps * Channels * sizeof(short) + _numbers.TableBytes,
            ScratchBytes = _window.BufferBytes > 0 ? _window.BufferBytes + DspSumText.ReadsBehind : 0,
            Instructions = (long)(outputs * Taps * InstructionsAMac) + outputs * _numbers.Instructions + (long)_rows * _window.BufferBytes * 2,
            Below = Overlap.Below(_rows, _window.First, y => (y + 1) * _columns * _channels, (height, width * channels), _window.BufferBytes > 0),
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
        ConvolutionText.Begin(_model, _op, _rows, _window, text);
        text.Add($$"""
                    for (int32_t x = 0; x < {{_columns}}; x++) {
                        const int8_t *window = row + {{CModel.Times("x", w.StrideW * _channels)}};
                        const uint32_t *w = {{_name}}_words;
            """);
        if (_channels >= Channels)
        {
            text.Add(CText.Indent(Block($"for (int32_t channel = 0; channel < {_channels / Channels * Channels}; channel += {Channels}) ", "channel", Channels), "            "));
        }

        if (_channels % Channels != 0)
        {
            text.Add(CText.Indent(Block("", $"{_channels / Channels * Channels}", _channels % Channels), "            "));
        }

        text.Add("""
                    }
                }
            }
            """);
    }

    private string Block(string loop, string channel, int channels)
    {
        Window w = _op.Window;
        IEnumerable<string> taps = Enumerable.Range(0, Taps).Select(tap =>
        {
            int at = tap / w.KernelW * w.DilationH * _window.RowBytes + tap % w.KernelW * w.DilationW * _channels;
            return $"edgeconv_four_channels(window{(at == 0 ? "" : $" + {at}")}, w + {2 * tap}, &s0, &s1, &s2, &s3);";
        });
        return $$"""
            {{loop}}{
                int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
            {{CText.Indent(string.Join('\n', taps), "    ")}}
                w += {{2 * Taps}};
                window += {{channels}};
            {{string.Join('\n', Enumerable.Range(0, channels).Select(i => $"    *output++ = {_numbers.Byte($"s{i}", $"{channel} + {i}")};"))}}
            {{string.Join('\n', Enumerable.Range(channels, Channels - channels).Select(i => $"    (void)s{i};"))}}
            }
            """;
    }
}
