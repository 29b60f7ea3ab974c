using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>Depthwise convolutions: each channel has a filter of its own.</summary>
internal static class DepthwiseConvolution
{
    private const double InstructionsAMac = 12.5, PackedMac = 16;

    /// <summary>Channel by channel.</summary>
    /// <param name="model">The model.</param>
    /// <param name="op">The layer.</param>
    /// <param name="isPacked">Whether weights of int4 stay so.</param>
    public static LayerForm Portable(CModel model, Conv2DOp op, bool isPacked = false)
    {
        OutputNumbers numbers = model.Numbers(op);
        WindowRows window = new(model, op, op.Window, op.Pool);
        (int rows, int columns, int channels) = model.Image(op.Output);
        int taps = op.Window.KernelH * op.Window.KernelW;
        long outputs = (long)rows * columns * channels;
        return new(Extension.Portable, isPacked ? $"channel by channel, {PackedWeights.Algorithm}" : "channel by channel")
        {
            TableBytes = channels * PackedWeights.Bytes(taps, isPacked) + numbers.TableBytes,
            ScratchBytes = window.BufferBytes,
            Instructions = (long)(outputs * op.Pool.Pixels * taps * (isPacked ? PackedMac : InstructionsAMac)) + outputs * numbers.Instructions,
            Below = window.Below(op.Output),
            Write = text => Write(model, op, numbers, window, isPacked, text),
        };
    }

    private static void Write(CModel model, Conv2DOp op, OutputNumbers numbers, WindowRows window, bool isPacked, CText text)
    {
        string name = model.Name(op);
        (int rows, int columns, int channels) = model.Image(op.Output);
        (Window w, Pooling pool) = (op.Window, op.Pool);
        int taps = w.KernelH * w.KernelW;
        numbers.Write(text);
        sbyte[] weights = model.Model.Weights(op.Weights).ToArray();   // [channel][row][column], as the file has them
        text.Table("int8_t", $"{name}_weights", isPacked ? [.. weights.Chunk(taps).SelectMany(PackedWeights.Pack)] : weights);
        string tap = $"ky * {w.KernelW} + kx", weight = isPacked ? $"edgeconv_half(w, {tap})" : $"w[{tap}]";
        string pixel = numbers.Pixel($"window[{CModel.Times("ky", w.DilationH * window.RowBytes)} + {CModel.Times("kx", w.DilationW * channels)}]");
        ConvolutionText.Begin(model, op, rows, window, text);

        text.Add($$"""
                    for (int32_t x = 0; x < {{columns}}; x++) {
                        for (int32_t channel = 0; channel < {{channels}}; channel++) {
                            const int8_t *const w = {{name}}_weights + {{CModel.Times("channel", PackedWeights.Bytes(taps, isPacked))}};
                            int32_t best = INT32_MIN;
                            for (int32_t py = 0; py < {{pool.KernelH}}; py++) {
                                for (int32_t px = 0; px < {{pool.KernelW}}; px++) {
                                    const int8_t *const window = row + {{CModel.Times("py", w.StrideH * window.RowBytes)}}
                                        + ({{CModel.Times("x", pool.StrideW)}} + px) * {{w.StrideW * channels}} + channel;
                                    int32_t sum = {{numbers.StartAt("channel")}};
                                    for (int32_t ky = 0; ky < {{w.KernelH}}; ky++) {
                                        for (int32_t kx = 0; kx < {{w.KernelW}}; kx++) {
                                            sum += {{pixel}} * {{weight}};
                                        }
                                    }
                                    best = sum > best ? sum : best;
                                }
                            }
                            *output++ = {{numbers.Byte("best", "channel")}};
                        }
                    }
                }
            }
            """);
    }
}
