using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Convolutions by the vector extension: sixteen taps of a window that lie side by side, or that a gather brings together. Nothing is widened or copied
/// but the rows with their padding; <see cref="VectorTile"/> does the rest.
/// </summary>
internal sealed class VectorConvolution
{
    /// <summary>Bytes that are read behind the last one of a row.</summary>
    public const int ReadsBehind = VectorTile.Lanes - 1;

    private const string Algorithm = "sixteen taps a vector";
    private const int Lanes = VectorTile.Lanes, MostPairs = 8;

    private readonly CModel _model;
    private readonly Conv2DOp _op;
    private readonly string _name;
    private readonly OutputNumbers _numbers;
    private readonly WindowRows _window;
    private readonly VectorTile _tile;
    private readonly bool _isFlat;
    private readonly int _rows, _columns, _filters, _channels, _step;

    private VectorConvolution(CModel model, Conv2DOp op, OutputNumbers numbers, WindowRows window, bool isGathered)
    {
        (_model, _op, _name, _numbers, _window) = (model, op, model.Name(op), numbers, window);
        _channels = model.Image(op.Input).Channels;
        (_rows, _columns, _filters) = model.Image(op.Output);
        (Window w, Pooling pool) = (op.Window, op.Pool);
        // Pixel by pixel an image is one row, of whose places but one may be left over.
        _isFlat = !op.IsPooled && w is { KernelH: 1, KernelW: 1, StrideH: 1, StrideW: 1, HasPadding: false };
        (_rows, _columns) = _isFlat ? (1, _rows * _columns) : (_rows, _columns);
        _step = w.StrideW * _channels;
        int down = w.StrideH * window.RowBytes, places = op.IsPooled || _columns > 1 ? 2 : 1;
        int place = Pairs(op) switch { (2, 1) => _step, (1, 2) => down, _ => 0 };
        VectorWindow at = isGathered
            ? new(places, place, 1, Up(TapsOf(op, _channels)), 0, IsGathered: true)
            : new(places, place, w.KernelH, Up(w.KernelW * _channels), w.DilationH * window.RowBytes, IsGathered: false);
        _tile = new(at, numbers.Vectors, _filters, op.IsPooled ? [.. Starts(down)] : [0], op.IsPooled, op.IsPooled ? pool.StrideW * _step : places * _step);
    }

    /// <summary>The form, or why there is none.</summary>
    public static LayerWay Way(CModel model, Conv2DOp op)
    {
        OutputNumbers numbers = model.Numbers(op);
        Window w = op.Window;
        int channels = model.Image(op.Input).Channels;
        (int right, int below) = Pairs(op);
        string? why = op.Groups > 1 ? "channels in groups" : !numbers.HasVectors ? RejectedForm.NoVectors
            : op.IsPooled && op.Pool.Pixels / (right * below) > MostPairs ? "a pooling of many places" : null;
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
            : new VectorConvolution(model, op, numbers, window, isGathered).Form();
    }

    private static int Up(int taps) => (taps + Lanes - 1) / Lanes;

    private static int TapsOf(Conv2DOp op, int channels) => op.Window.KernelH * op.Window.KernelW * channels;

    /// <summary>Places of a pooling that are done together: side by side where there are two; a single one twice.</summary>
    private static (int Right, int Down) Pairs(Conv2DOp op) => op.Pool.KernelW > 1 || !op.IsPooled ? (2, 1) : op.Pool.KernelH > 1 ? (1, 2) : (1, 1);

    /// <summary>Where the pairs of a pooling's window begin; the last of an odd number is done again with the one before it.</summary>
    private IEnumerable<int> Starts(int down)
    {
        (int right, int below) = Pairs(_op);
        (int height, int width) = (_op.Pool.KernelH, _op.Pool.KernelW);
        for (int y = 0; y < height; y += below)
        {
            for (int x = 0; x < width; x += right)
            {
                yield return Math.Min(y, height - below) * down + Math.Min(x, width - right) * _step;
            }
        }
    }

    private LayerForm Form()
    {
        long tiles = _op.IsPooled ? _columns : (_columns + _tile.Window.Places - 1) / _tile.Window.Places;
        return new(Extension.Mve, _tile.Window.IsGathered ? $"{Algorithm}, gathered" : Algorithm)
        {
            TableBytes = (_filters + (_tile.Window.IsGathered ? 1 : 0)) * _tile.Window.Total * Lanes + _numbers.VectorTableBytes,
            ScratchBytes = _window.BufferWith(ReadsBehind),
            Instructions = _rows * (tiles * _tile.Instructions + 40 + _window.VectorInstructions),
            Below = _isFlat ? BelowOfPixels() : _window.Below(_op.Output),
            Write = Write,
        };
    }

    /// <summary>A tile's pixels are read again for each block of filters, after the outputs of the block before it are there.</summary>
    private int BelowOfPixels()
    {
        int places = _tile.Window.Places;
        return Overlap.Below((_columns + places - 1) / places, First, tile => (First(tile) + places) * _filters, (_columns, _channels), isBuffered: false);

        int First(int tile) => Math.Min(tile * places, _columns - places);
    }

    /// <summary>[filter][vector][tap], filled up with zeros.</summary>
    private sbyte[] Weights()
    {
        ReadOnlySpan<sbyte> weights = _model.Model.Weights(_op.Weights);
        int taps = TapsOf(_op, _channels), run = taps / _tile.Window.Rows, room = _tile.Window.Vectors * Lanes;
        sbyte[] filled = new sbyte[weights.Length / run * room];
        for (int i = 0; i < weights.Length / run; i++)
        {
            weights.Slice(i * run, run).CopyTo(filled.AsSpan(i * room));
        }

        return filled;
    }

    /// <summary>Distances of the taps from the first one.</summary>
    private byte[] Offsets()
    {
        byte[] offsets = new byte[_tile.Window.Total * Lanes];
        for (int tap = 0; tap < TapsOf(_op, _channels); tap++)
        {
            (int at, int channel) = Math.DivRem(tap, _channels);
            offsets[tap] = (byte)(_window.Offset(at) + channel);
        }

        return offsets;
    }

    private void Write(CText text)
    {
        _numbers.WriteVectors(text);
        text.Table("int8_t", $"{_name}_weights", _tile.Weights(Weights()));
        if (_tile.Window.IsGathered)
        {
            text.Table("uint8_t", $"{_name}_offsets", Offsets());
        }

        text.Add(_tile.Text($"{_name}_row"));
        if (_isFlat)
        {
            text.Add($$"""
                static void {{_name}}(void)
                {
                {{Calls(_model.At(_op.Input), _model.At(_op.Output))}}
                }
                """);
            return;
        }

        ConvolutionText.Begin(_model, _op, _rows, _window, text);
        text.Add($$"""
            {{CText.Indent(Calls("row", "output"), "    ")}}
                    output += {{_columns * _filters}};
                }
            }
            """);
    }

    /// <summary>All places of a row; the last ones are done again with those before them.</summary>
    private string Calls(string row, string output)
    {
        int places = _op.IsPooled ? 1 : _tile.Window.Places, last = _columns - places;
        string all = Call(row, output, _columns / places);
        return _columns % places == 0 ? all : $"{all}\n{Call($"{row} + {last * _step}", $"{output} + {last * _filters}", 1)}";
    }

    private string Call(string x, string to, int count) =>
        $"    {_name}_row({x}, {_name}_weights, {_name}_numbers, {to}, {count}, {(_tile.Window.IsGathered ? $"{_name}_offsets" : "NULL")});";
}
