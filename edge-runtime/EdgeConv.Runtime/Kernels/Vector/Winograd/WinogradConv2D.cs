using EdgeConv.Runtime.Threading;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Convolution of 3x3 and more by Winograd's algorithm; a larger kernel is taken in pieces of 3x3. The picture is cut into strips of tiles whose
/// transformed inputs stay in the cache; of a strip, a panel of output channels at a time is multiplied at each of a tile's positions and then brought
/// back, requantized and stored. Threads share a strip's inputs: first they divide its rows, then the output channels.
/// </summary>
internal sealed unsafe class WinogradConv2D<T> : Kernel, ISplitWork, IHandsOn
    where T : struct, IWinogradKernel
{
    private const int Alignment = 64;
    private const int PositionSkew = 32;    // elements: positions a power of two apart would share cache sets
    private static readonly WinogradTile _tile = T.Tile;
    private static readonly WinogradProcessor _processor = T.Processor;
    private static readonly int _panel = T.Processor.Outputs;           // output channels that are multiplied together
    private static readonly int _tileSums = _tile.Positions * _panel;       // int32 from one tile's sums to the next one's
    private readonly Conv2DOp _op;
    private readonly WinogradPlan _plan;
    private readonly TensorInfo _input;
    private readonly TensorInfo _output;
    private readonly sbyte* _x;
    private readonly sbyte* _y;
    private readonly int _channels;
    private readonly int _outputs;
    private readonly int _pixels;           // rows and columns of a tile that are stored
    private readonly nint _rowElements;
    private readonly OutputStage _stage;
    private readonly WinogradNumbers _numbers;
    private readonly WinogradWeights _weights;
    private readonly WorkerPool _workers;

    // What the threads are at work on.
    private Scratch _memory;
    private Strip _strip;
    private int _image;
    private Phase _phase;
    private IFollower? _follower;

    public WinogradConv2D(Conv2DOp op, KernelContext context, WinogradPlan plan)
    {
        _op = op;
        _plan = plan;
        (_input, _output) = (context.Info(op.Input), context.Info(op.Output));
        _x = context.Activation(op.Input);
        _y = context.Activation(op.Output);
        (_channels, _outputs) = (_input.Shape[3], _output.Shape[3]);
        _pixels = plan.TilePixels(op);
        _rowElements = (nint)Columns(plan.StripColumns) * _channels + _processor.RowSlack;
        _stage = new OutputStage(context.Model.Int32Data(op.Shifts), _output.ZeroPoint, op.Min, op.Max);
        _numbers = new WinogradNumbers(op, context, plan);
        _weights = plan.KeepsWeights ? new KeptWeights(op, context, plan) : new TransformedWeights<T>(op, context, plan);
        _workers = context.Workers;
    }

    public override long ScratchBytes => new Scratch(this, null).Bytes;

    public override long PackedBytes => _numbers.Bytes + _weights.Bytes;

    public override KernelChoice Choice => new(
        $"Winograd {_tile} in integers"
        + (_plan.Pieces.Count > 1 ? $", the kernel in {_plan.Pieces.Count} pieces" : "")
        + $", strips of {_plan.StripRows}x{_plan.StripColumns} tiles"
        + (_plan.KeepsWeights ? "" : ", weights transformed each time")
        + (_plan.Parts.Length > 1 ? $", inputs in {_plan.Parts.Length} parts" : ""),
        $"{_tile.Positions * _plan.Pieces.Count} multiplications for {_tile.Output * _tile.Output * _op.Window.KernelH * _op.Window.KernelW}; "
        + (_plan.Parts.Length > 1 ? "parts, since an accumulator may pass 2^" : "no accumulator passes 2^") + (31 - _tile.ScaleShift)
        + (_numbers.OneStepPanels > 0 ? $"; requantized in one step, proven for {_numbers.OneStepPanels} of {_op.Groups * _numbers.PanelsOfGroup} panels" : "")
        + (_plan.Cost is { } cost ? $"; {cost}" : ""));

    public override void Run(byte* scratch)
    {
        _memory = new Scratch(this, scratch);
        new Span<sbyte>(_memory.PaddingRow, (int)_rowElements).Fill((sbyte)_input.ZeroPoint);
        int rows = _plan.Tiles(_op, _output.Shape[1]), columns = _plan.Tiles(_op, _output.Shape[2]), panels = _op.Groups * _numbers.PanelsOfGroup;
        for (_image = 0; _image < _output.Shape[0]; _image++)
        {
            for (int row = 0; row < rows; row += _plan.StripRows)
            {
                for (int column = 0; column < columns; column += _plan.StripColumns)
                {
                    _strip = new Strip(row, column, Math.Min(_plan.StripRows, rows - row), Math.Min(_plan.StripColumns, columns - column));
                    _phase = Phase.Transform;
                    _workers.Split(this, _strip.Height, (long)_strip.Tiles * _tile.Positions * _plan.Pieces.Count * _channels * SplitCost.Element / 4);
                    _phase = Phase.Multiply;
                    _workers.Split(this, panels, (long)_strip.Tiles * _tile.Positions * _plan.Depth * _plan.Pieces.Count * Panel.Channels * panels * _panel);
                    if (_follower != null)
                    {
                        _phase = Phase.HandOn;
                        _workers.Split(this, _strip.Height, (long)_strip.Tiles * _pixels * _pixels * _outputs * SplitCost.Element);
                    }
                }
            }
        }
    }

    void ISplitWork.Run(int first, int end, int lane)
    {
        for (int unit = first; unit < end; unit++)
        {
            switch (_phase)
            {
                case Phase.Transform:
                    TransformInputs(unit, _memory.ColumnsOf(lane));
                    break;
                case Phase.Multiply:
                    RunPanel(unit, lane);
                    break;
                default:
                    HandOn(unit);
                    break;
            }
        }
    }

    public void Run(byte* scratch, IFollower follower)
    {
        _follower = follower;
        Run(scratch);
        _follower = null;
    }

    public override void Dispose()
    {
        _numbers.Dispose();
        _weights.Dispose();
    }

    /// <summary>Columns of the input that so many tiles side by side read.</summary>
    private int Columns(int tiles) => tiles * _tile.Output + _tile.Input - _tile.Output + (_plan.Pieces.Across - 1) * WinogradTile.Taps;

    /// <summary>One row of tiles of the strip, once for each piece of the kernel. Pieces side by side share transformed columns.</summary>
    private void TransformInputs(int row, short* columns)
    {
        nint tiles = _strip.Tiles * Panel.Channels, position = Position(_strip.Tiles);
        for (int down = 0; down < _plan.Pieces.Down; down++)
        {
            TransformColumns((_strip.Row + row) * _tile.Output + down * WinogradTile.Taps, columns);
            for (int across = 0; across < _plan.Pieces.Across; across++)
            {
                short* piece = _memory.Inputs + (down * _plan.Pieces.Across + across) * tiles + row * _strip.Width * Panel.Channels;
                short* from = columns + across * WinogradTile.Taps * _channels;
                for (int i = 0; i < _tile.Input; i++)
                {
                    T.TransformRow(from + i * _rowElements, _channels, _strip.Width, piece + i * _tile.Input * position, position, _plan.Pieces.Count * tiles);
                }
            }
        }
    }

    /// <summary>A panel of output channels of the strip.</summary>
    private void RunPanel(int panel, int lane)
    {
        int* sums = _memory.SumsOf(lane);
        (int group, int inGroup) = Math.DivRem(panel, _numbers.PanelsOfGroup);
        int groupOut = _outputs / _op.Groups, first = inGroup * _panel;
        short* inputs = _memory.Inputs + (nint)group * _plan.Depth * _plan.Pieces.Count * _strip.Tiles * Panel.Channels;
        Multiply(_weights.Of(panel, _memory.RoomOf(lane)), inputs, Position(_strip.Tiles), _strip.Tiles, sums);
        Store(panel, group * groupOut + first, Math.Min(_panel, groupOut - first), sums);
    }

    /// <summary>Elements from one position of the transformed inputs to the next.</summary>
    private nint Position(int tiles) => (nint)Panel.Count(_channels) * _plan.Pieces.Count * tiles * Panel.Channels + PositionSkew;

    /// <summary>A tile's rows of the image, padding included, with B^T down their columns.</summary>
    private void TransformColumns(int oy, short* transformed)
    {
        (int height, int width) = (_input.Shape[1], _input.Shape[2]);
        int left = _strip.Column * _tile.Output - _op.Window.PadLeft, columns = Columns(_strip.Width);
        int from = Math.Clamp(-left, 0, columns), to = Math.Clamp(width - left, from, columns);   // columns of the strip that lie inside the image
        if (to > from)
        {
            sbyte** rows = stackalloc sbyte*[_tile.Input];
            for (int i = 0; i < _tile.Input; i++)
            {
                int y = oy - _op.Window.PadTop + i;
                bool inside = (uint)y < (uint)height;
                rows[i] = inside ? _x + (((nint)_image * height + y) * width + left + from) * _channels : _memory.PaddingRow;
            }

            T.TransformColumns(rows, transformed + (nint)from * _channels, _rowElements, (nint)(to - from) * _channels);
        }

        for (int i = 0; i < _tile.Input; i++)
        {
            short* row = transformed + i * _rowElements;
            short padding = (short)(i == 1 ? _tile.ConstantAtOne * _input.ZeroPoint : 0);
            new Span<short>(row, from * _channels).Fill(padding);
            new Span<short>(row + (nint)to * _channels, (columns - to) * _channels).Fill(padding);
        }
    }

    /// <summary>All positions of a panel. Tiles are dealt to calls as evenly as can be.</summary>
    private void Multiply(short* weights, short* inputs, nint position, int tiles, int* sums)
    {
        (int calls, nint group) = ((tiles + _processor.TilesAtOnce - 1) / _processor.TilesAtOnce, tiles * Panel.Channels);
        (int few, int longer) = Math.DivRem(tiles, calls);
        for (int i = 0; i < _plan.Parts.Length; i++)
        {
            WinogradPart part = _plan.Parts[i];
            var product = new TileProduct
            {
                Tile = _tile,
                TileSums = _tileSums,
                Inputs = inputs + part.First * _plan.Pieces.Count * group,
                InputPosition = position,
                Group = group,
                Groups = part.Count * _plan.Pieces.Count,
                RealInputs = WinogradPlan.RealInputs(_channels),
                Weights = weights + _weights.From(part.First),
                WeightPosition = _weights.Position,
                Sums = sums + (nint)i * tiles * _tileSums,
            };
            if (longer > 0)
            {
                T.Multiply(few + 1, longer, product);
            }

            T.Multiply(few, calls - longer, product.Skip(longer * (few + 1)));
        }
    }

    private void Store(int panel, int firstChannel, int channels, int* sums)
    {
        (int height, int width) = (_output.Shape[1], _output.Shape[2]);
        nint rowBytes = (nint)width * _outputs;
        for (int row = 0; row < _strip.Height; row++, sums += _strip.Width * _tileSums)
        {
            int oy = (_strip.Row + row) * _pixels, ox = _strip.Column * _pixels, rows = Math.Min(_pixels, height - oy);
            sbyte* y = _y + ((nint)_image * height + oy) * rowBytes + (nint)ox * _outputs + firstChannel;
            bool isWhole = rows == _pixels && channels == _panel && _plan.Parts.Length == 1;
            int whole = isWhole ? Math.Min(_strip.Width, (width - ox) / _pixels) : 0;
            if (whole > 0)
            {
                Store(sums, whole, panel, y, rowBytes, _outputs);
            }

            for (int tile = whole; tile < _strip.Width; tile++)
            {
                int columns = Math.Min(_pixels, width - ox - tile * _pixels);
                StorePartly(sums + tile * _tileSums, panel, y + (nint)tile * _pixels * _outputs, rows, columns, channels);
            }
        }
    }

    /// <summary>A row of tiles of the strip, all channels.</summary>
    private void HandOn(int row)
    {
        (int height, int width) = (_output.Shape[1], _output.Shape[2]);
        int oy = (_strip.Row + row) * _pixels, ox = _strip.Column * _pixels;
        int rows = Math.Min(_pixels, height - oy), columns = Math.Min(_strip.Width * _pixels, width - ox);
        if (columns == width)
        {
            (columns, rows) = (rows * width, 1);   // all in one
        }

        for (int y = oy; y < oy + rows; y++)
        {
            _follower!.Elements((((nint)_image * height + y) * width + ox) * _outputs, (nint)columns * _outputs);
        }
    }

    private void Store(int* sums, int tiles, int panel, sbyte* y, nint row, nint pixel)
    {
        if (_op.IsPooled)
        {
            T.StorePooled(sums, tiles, _numbers.PanelAt(panel), _stage, y, row, pixel);
        }
        else
        {
            T.Store(sums, tiles, _numbers.PanelAt(panel), _stage, y, row, pixel);
        }
    }

    /// <summary>A tile that sticks out of the output, or of which not all channels are real, or that comes in parts: through a small buffer.</summary>
    private void StorePartly(int* sums, int panel, sbyte* y, int rows, int columns, int channels)
    {
        sbyte* staged = stackalloc sbyte[WinogradTile.MaxPixels * _panel];
        int row = _pixels * _panel;
        if (_plan.Parts.Length == 1)
        {
            Store(sums, 1, panel, staged, row, _panel);
        }
        else
        {
            StoreParts(sums, panel, staged);
        }

        for (int i = 0; i < rows; i++)
        {
            Copy(staged + i * row, y + (nint)i * _output.Shape[2] * _outputs, columns, channels);
        }
    }

    /// <summary>A row of staged pixels.</summary>
    private void Copy(sbyte* staged, sbyte* y, int columns, int channels)
    {
        if (_panel == Panel.Channels)
        {
            Panel.CopyChannels(staged, y, _outputs, columns, channels);
            return;
        }

        for (; columns > 0; columns--, staged += _panel, y += _outputs)
        {
            Buffer.MemoryCopy(staged, y, channels, channels);
        }
    }

    /// <summary>One tile whose input channels come in parts.</summary>
    private void StoreParts(int* sums, int panel, sbyte* y)
    {
        int* accumulators = stackalloc int[WinogradTile.MaxPixels * _panel];
        int* packed = _numbers.PanelAt(panel);
        for (int i = 0; i < WinogradTile.MaxPixels * _panel; i++)
        {
            accumulators[i] = packed[i % _panel / Panel.Channels * Panel.Ints + Panel.Bias + i % Panel.Channels];
        }

        for (int part = 0; part < _plan.Parts.Length; part++)
        {
            T.Accumulate(sums + part * _strip.Tiles * _tileSums, accumulators);
        }

        if (_op.IsPooled)
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

    /// <summary>What the threads are at work on.</summary>
    private enum Phase
    {
        Transform,
        Multiply,
        HandOn,
    }

    /// <summary>Rows and columns of tiles.</summary>
    private readonly record struct Strip(int Row, int Column, int Height, int Width)
    {
        public int Tiles => Height * Width;
    }

    /// <summary>
    /// The scratch memory, divided: a row of padding, and transformed inputs of a strip; for each thread transformed columns of a tile's rows, and sums
    /// of a strip.
    /// </summary>
    private readonly struct Scratch
    {
        public readonly sbyte* PaddingRow;
        public readonly short* Inputs;
        public readonly long Bytes;
        private readonly byte* _columns;
        private readonly byte* _sums;
        private readonly byte* _rooms;
        private readonly long _columnBytes;
        private readonly long _sumBytes;
        private readonly long _roomBytes;

        public Scratch(WinogradConv2D<T> layer, byte* memory)
        {
            int tiles = layer._plan.StripRows * layer._plan.StripColumns, threads = layer._workers.Threads;
            nint inputs = _tile.Positions * layer.Position(tiles) + (nint)tiles * Panel.Channels;   // a group is read beyond the last
            _columnBytes = Whole(_tile.Input * layer._rowElements * sizeof(short));
            _sumBytes = Whole((long)layer._plan.Parts.Length * tiles * _tileSums * sizeof(int));
            PaddingRow = (sbyte*)memory;
            Bytes = Whole(layer._rowElements);
            Inputs = (short*)(memory + Bytes);
            Bytes += Whole(inputs * sizeof(short));
            _columns = memory + Bytes;
            Bytes += threads * _columnBytes;
            _sums = memory + Bytes;
            Bytes += threads * _sumBytes;
            _roomBytes = Whole(layer._weights.RoomBytes);
            _rooms = memory + Bytes;
            Bytes += threads * _roomBytes;
        }

        public short* ColumnsOf(int lane) => (short*)(_columns + lane * _columnBytes);

        public int* SumsOf(int lane) => (int*)(_sums + lane * _sumBytes);

        public byte* RoomOf(int lane) => _rooms + lane * _roomBytes;

        private static long Whole(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;
    }
}
