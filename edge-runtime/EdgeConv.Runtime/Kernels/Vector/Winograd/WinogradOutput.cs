namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// A layer's way back from the sums of a strip and a panel of output channels to the bytes: whole tiles in rows, those that are not whole
/// through a small buffer.
/// </summary>
internal sealed unsafe class WinogradOutput<T>
    where T : struct, IWinogradKernel
{
    private static readonly WinogradTile _tile = T.Tile;
    private static readonly int _panel = T.Processor.Outputs;
    private static readonly int _tileSums = _tile.Positions * _panel;       // int32 from one tile's sums to the next one's
    private readonly bool _isPooled;
    private readonly int _parts;
    private readonly int _pixels;           // rows and columns of a tile that are stored
    private readonly sbyte* _y;
    private readonly int _height;
    private readonly int _width;
    private readonly int _channels;
    private readonly OutputStage _stage;
    private readonly WinogradNumbers _numbers;

    public WinogradOutput(Conv2DOp op, KernelContext context, WinogradPlan plan, WinogradNumbers numbers)
    {
        TensorInfo output = context.Info(op.Output);
        (_isPooled, _parts, _pixels) = (op.IsPooled, plan.Parts.Length, plan.TilePixels(op));
        _y = context.Activation(op.Output);
        (_height, _width, _channels) = (output.Shape[1], output.Shape[2], output.Shape[3]);
        _stage = new OutputStage(context.Model.Int32Data(op.Shifts), output.ZeroPoint, op.Min, op.Max);
        _numbers = numbers;
    }

    /// <summary>A panel of a strip.</summary>
    /// <param name="strip">The strip.</param>
    /// <param name="panel">Which panel.</param>
    /// <param name="first">Its first output channel.</param>
    /// <param name="channels">How many are real.</param>
    /// <param name="sums">[part][tile][position][channels]; left as rubbish.</param>
    public void Store(in WinogradStrip strip, int panel, int first, int channels, int* sums)
    {
        nint rowBytes = (nint)_width * _channels, part = (nint)strip.Tiles * _tileSums;
        for (int row = 0; row < strip.Height; row++, sums += strip.Width * _tileSums)
        {
            int oy = (strip.Row + row) * _pixels, ox = strip.Column * _pixels, rows = Math.Min(_pixels, _height - oy);
            sbyte* y = _y + ((nint)strip.Image * _height + oy) * rowBytes + (nint)ox * _channels + first;
            bool isWhole = rows == _pixels && channels == _panel && _parts == 1;
            int whole = isWhole ? Math.Min(strip.Width, (_width - ox) / _pixels) : 0;
            if (whole > 0)
            {
                Store(sums, whole, panel, y, rowBytes, _channels);
            }

            for (int tile = whole; tile < strip.Width; tile++)
            {
                int columns = Math.Min(_pixels, _width - ox - tile * _pixels);
                StorePartly(sums + tile * _tileSums, part, panel, y + (nint)tile * _pixels * _channels, rows, columns, channels);
            }
        }
    }

    /// <summary>Tells of a row of tiles of a strip, when all of its channels are there.</summary>
    public void HandOn(in WinogradStrip strip, int row, IFollower follower)
    {
        int oy = (strip.Row + row) * _pixels, ox = strip.Column * _pixels;
        int rows = Math.Min(_pixels, _height - oy), columns = Math.Min(strip.Width * _pixels, _width - ox);
        if (columns == _width)
        {
            (columns, rows) = (rows * _width, 1);   // all in one
        }

        for (int y = oy; y < oy + rows; y++)
        {
            follower.Elements((((nint)strip.Image * _height + y) * _width + ox) * _channels, (nint)columns * _channels);
        }
    }

    private void Store(int* sums, int tiles, int panel, sbyte* y, nint row, nint pixel)
    {
        if (_isPooled)
        {
            T.StorePooled(sums, tiles, _numbers.PanelAt(panel), _stage, y, row, pixel);
        }
        else
        {
            T.Store(sums, tiles, _numbers.PanelAt(panel), _stage, y, row, pixel);
        }
    }

    /// <summary>A tile that sticks out of the output, or of which not all channels are real, or that comes in parts: through a small buffer.</summary>
    private void StorePartly(int* sums, nint part, int panel, sbyte* y, int rows, int columns, int channels)
    {
        sbyte* staged = stackalloc sbyte[WinogradTile.MaxPixels * _panel];
        int row = _pixels * _panel;
        if (_parts == 1)
        {
            Store(sums, 1, panel, staged, row, _panel);
        }
        else
        {
            StoreParts(sums, part, panel, staged);
        }

        for (int i = 0; i < rows; i++)
        {
            Copy(staged + i * row, y + (nint)i * _width * _channels, columns, channels);
        }
    }

    /// <summary>A row of staged pixels.</summary>
    private void Copy(sbyte* staged, sbyte* y, int columns, int channels)
    {
        if (_panel == Panel.Channels)
        {
            Panel.CopyChannels(staged, y, _channels, columns, channels);
            return;
        }

        for (; columns > 0; columns--, staged += _panel, y += _channels)
        {
            Buffer.MemoryCopy(staged, y, channels, channels);
        }
    }

    /// <summary>One tile whose input channels come in parts.</summary>
    private void StoreParts(int* sums, nint part, int panel, sbyte* y)
    {
        int* accumulators = stackalloc int[WinogradTile.MaxPixels * _panel];
        int* packed = _numbers.PanelAt(panel);
        for (int i = 0; i < WinogradTile.MaxPixels * _panel; i++)
        {
            accumulators[i] = packed[i % _panel / Panel.Channels * Panel.Ints + Panel.Bias + i % Panel.Channels];
        }

        for (int i = 0; i < _parts; i++, sums += part)
        {
            T.Accumulate(sums, accumulators);
        }

        if (_isPooled)
        {
            Pool(accumulators);
        }

        T.Requantize(accumulators, _pixels * _pixels, packed, _stage, y, _panel);
    }

    /// <summary>The maximum of each two by two of a tile's pixels, in place: none is written before it is read.</summary>
    private void Pool(int* accumulators)
    {
        for (int i = 0; i < _pixels * _pixels * _panel; i++)
        {
            (int row, int column, int channel) = (i / (_pixels * _panel), i / _panel % _pixels, i % _panel);
            int* window = accumulators + (row * 2 * _tile.Output + column * 2) * _panel + channel;
            int upper = Math.Max(window[0], window[_panel]);
            window += _tile.Output * _panel;
            accumulators[i] = Math.Max(upper, Math.Max(window[0], window[_panel]));
        }
    }
}
