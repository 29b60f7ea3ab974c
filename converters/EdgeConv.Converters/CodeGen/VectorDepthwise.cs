using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>Depthwise convolutions by the vector extension, by <see cref="VectorDepthwiseKernel"/>.</summary>
internal sealed class VectorDepthwise
{
    private const string Algorithm = "four channels a vector";
    private const int Lanes = VectorDepthwiseKernel.Lanes, MostTaps = 49;

    private readonly CModel _model;
    private readonly Conv2DOp _op;
    private readonly string _name;
    private readonly OutputNumbers _numbers;
    private readonly WindowRows _window;
    private readonly VectorDepthwiseKernel _kernel;
    private readonly int _rows, _columns, _channels;

    private VectorDepthwise(CModel model, Conv2DOp op, OutputNumbers numbers)
    {
        (_model, _op, _name, _numbers, _window) = (model, op, model.Name(op), numbers, new(model, op, op.Window, op.Pool));
        (_rows, _columns, _channels) = model.Image(op.Output);
        _kernel = Enumerable.Range(1, Math.Min(VectorDepthwiseKernel.MostPlaces, _columns))
            .Select(places => new VectorDepthwiseKernel(op.Window, numbers.Vectors, _channels, _window.RowBytes, places))
            .MinBy(kernel => Turns(kernel) * kernel.Instructions)!;
    }

    /// <summary>The form, or why there is none.</summary>
    public static LayerWay Way(CModel model, Conv2DOp op)
    {
        OutputNumbers numbers = model.Numbers(op);
        return op.IsPooled ? new RejectedForm(Extension.Mve, Algorithm, "a pooling behind it")
            : !numbers.HasVectors ? new RejectedForm(Extension.Mve, Algorithm, RejectedForm.NoVectors)
            : op.Window.KernelH * op.Window.KernelW > MostTaps ? new RejectedForm(Extension.Mve, Algorithm, $"more than {MostTaps} taps")
            : new VectorDepthwise(model, op, numbers).Form();
    }

    private int Turns(VectorDepthwiseKernel kernel) => (_columns + kernel.Places - 1) / kernel.Places;

    private LayerForm Form() => new(Extension.Mve, _kernel.Places == 1 ? Algorithm : $"{Algorithm}, {_kernel.Places} places")
    {
        TableBytes = (_channels + Lanes - 1) / Lanes * Lanes * _op.Window.KernelH * _op.Window.KernelW + _numbers.VectorTableBytes,
        ScratchBytes = _window.BufferWith(VectorConvolution.ReadsBehind),
        Instructions = _rows * (Turns(_kernel) * _kernel.Instructions + 40 + _window.VectorInstructions),
        Below = _window.Below(_op.Output),
        Write = Write,
    };

    /// <summary>[block of four channels][tap][channel], filled up with zeros.</summary>
    private sbyte[] Weights()
    {
        ReadOnlySpan<sbyte> weights = _model.Model.Weights(_op.Weights);
        int taps = _op.Window.KernelH * _op.Window.KernelW;
        sbyte[] arranged = new sbyte[(_channels + Lanes - 1) / Lanes * Lanes * taps];
        for (int channel = 0; channel < _channels; channel++)
        {
            for (int tap = 0; tap < taps; tap++)
            {
                arranged[(channel / Lanes * taps + tap) * Lanes + channel % Lanes] = weights[channel * taps + tap];
            }
        }

        return arranged;
    }

    private void Write(CText text)
    {
        _numbers.WriteVectors(text);
        text.Table("int8_t", $"{_name}_weights", Weights());
        text.Add(_kernel.Text($"{_name}_row"));
        ConvolutionText.Begin(_model, _op, _rows, _window, text);
        int places = _kernel.Places, step = _op.Window.StrideW * _channels;
        text.Add($"        {_name}_row(row, {_name}_weights, {_name}_numbers, output, {_columns / places});");
        if (_columns % places != 0)
        {
            text.Add($"        {_name}_row(row + {(_columns - places) * step}, {_name}_weights, {_name}_numbers, output + {(_columns - places) * _channels}, 1);");
        }

        text.Add($$"""
                    output += {{_columns * _channels}};
                }
            }
            """);
    }
}
