using EdgeConv.Runtime.Threading;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Convolution of 3x3 and more by Winograd's algorithm; a larger kernel is taken in pieces of 3x3. The pictures are cut into strips of tiles whose
/// transformed inputs stay in the cache; of a strip, a panel of output channels at a time is multiplied at each of a tile's positions and then brought
/// back, requantized and stored. Threads take whole strips where each core has a cache for one. What is left when all have had as many they share:
/// first they divide a strip's rows, then the output channels.
/// </summary>
internal sealed unsafe class WinogradConv2D<T> : Kernel, ISplitWork, IHandsOn
    where T : struct, IWinogradKernel
{
    private static readonly WinogradTile _tile = T.Tile;
    private static readonly WinogradProcessor _processor = T.Processor;
    private static readonly int _panel = T.Processor.Outputs;           // output channels that are multiplied together
    private static readonly int _tileSums = _tile.Positions * _panel;       // int32 from one tile's sums to the next one's
    private readonly Conv2DOp _op;
    private readonly WinogradPlan _plan;
    private readonly int _channels;
    private readonly int _groupOutputs;
    private readonly int _panels;
    private readonly WinogradInput<T> _input;
    private readonly WinogradOutput<T> _output;
    private readonly WinogradNumbers _numbers;
    private readonly WinogradWeights _weights;
    private readonly WinogradStrips _strips;
    private readonly TileCost _tileCost;
    private readonly int _whole;            // strips that are one thread's each; those behind them are shared
    private readonly Scratch _scratch;
    private readonly WorkerPool _workers;

    // What the threads are at work on.
    private byte* _memory;
    private Phase _phase;
    private WinogradStrip _shared;
    private IFollower? _follower;

    public WinogradConv2D(Conv2DOp op, KernelContext context, WinogradPlan plan)
    {
        (_op, _plan, _workers) = (op, plan, context.Workers);
        TensorInfo output = context.Info(op.Output);
        (_channels, _groupOutputs) = (context.Info(op.Input).Shape[3], output.Shape[3] / op.Groups);
        _panels = op.Groups * plan.Panels(op, output);
        _input = new WinogradInput<T>(op, context, plan);
        ReadOnlySpan<sbyte> weights = context.Model.Weights(op.Weights);   // once: int4 is unpacked here
        _numbers = new WinogradNumbers(op, context, plan, weights);
        _weights = plan.KeepsWeights ? new KeptWeights(op, context, plan, weights) : new TransformedWeights<T>(op, context, plan, weights);
        context.Model.Forget(weights);
        _output = new WinogradOutput<T>(op, context, plan, _numbers);
        _strips = new WinogradStrips(op, output, plan);
        _tileCost = new TileCost(this, plan.TilePixels(op));
        int threads = Cost < _workers.Worthwhile ? 1 : _workers.Threads;
        _whole = threads == 1 || _processor.HasOwnCaches ? _strips.Count - _strips.Count % threads : 0;
        _scratch = new Scratch(this, threads, _whole > 0 ? threads : 1);
    }

    public override long ScratchBytes => _scratch.Bytes;

    public override long PackedBytes => _numbers.Bytes + _weights.Bytes;

    public override KernelChoice Choice => new(
        $"Winograd {_tile} in integers"
        + (_plan.Pieces.Count > 1 ? $", the kernel in {_plan.Pieces.Count} pieces" : "")
        + $", strips of {_plan.StripRows}x{_plan.StripColumns} tiles"
        + (_plan.KeepsWeights ? "" : ", weights transformed each time")
        + (_plan.Parts.Length > 1 ? $", inputs in {_plan.Parts.Length} parts" : ""),
        $"{_tile.Positions * _plan.Pieces.Count} multiplications for {_tile.Output * _tile.Output * _op.Window.KernelH * _op.Window.KernelW}; "
        + (_plan.Parts.Length > 1 ? "parts, since an accumulator may pass 2^" : "no accumulator passes 2^") + (31 - _tile.ScaleShift)
        + (_numbers.OneStepPanels > 0 ? $"; requantized in one step, proven for {_numbers.OneStepPanels} of {_panels} panels" : "")
        + (_plan.Cost is { } cost ? $"; {cost}" : ""));

    private long Cost => _strips.Tiles * (_tileCost.Transform + _tileCost.Multiply);

    public override void Run(byte* scratch)
    {
        _memory = scratch;
        _input.Pad((sbyte*)scratch);
        _phase = Phase.WholeStrips;
        _workers.Split(this, _whole, Cost);
        for (int i = _whole; i < _strips.Count; i++)
        {
            Share(_strips[i]);
        }
    }

    public void Run(byte* scratch, IFollower follower)
    {
        _follower = follower;
        Run(scratch);
        _follower = null;
    }

    void ISplitWork.Run(int first, int end, int lane)
    {
        for (int unit = first; unit < end; unit++)
        {
            switch (_phase)
            {
                case Phase.WholeStrips:
                    RunWhole(_strips[unit], lane);
                    break;
                case Phase.Transform:
                    _input.Transform(_shared, unit, (sbyte*)_memory, _scratch.Columns(_memory, lane), _scratch.Inputs(_memory, 0));
                    break;
                case Phase.Multiply:
                    RunPanel(_shared, unit, _scratch.Inputs(_memory, 0), lane);
                    break;
                default:
                    _output.HandOn(_shared, unit, _follower!);
                    break;
            }
        }
    }

    public override void Dispose()
    {
        _numbers.Dispose();
        _weights.Dispose();
    }

    /// <summary>A strip by one thread.</summary>
    private void RunWhole(WinogradStrip strip, int lane)
    {
        short* inputs = _scratch.Inputs(_memory, lane), columns = _scratch.Columns(_memory, lane);
        for (int row = 0; row < strip.Height; row++)
        {
            _input.Transform(strip, row, (sbyte*)_memory, columns, inputs);
        }

        for (int panel = 0; panel < _panels; panel++)
        {
            RunPanel(strip, panel, inputs, lane);
        }

        for (int row = 0; _follower is { } follower && row < strip.Height; row++)
        {
            _output.HandOn(strip, row, follower);
        }
    }

    /// <summary>A strip by all threads, who wait for each other between the steps.</summary>
    private void Share(WinogradStrip strip)
    {
        _shared = strip;
        _phase = Phase.Transform;
        _workers.Split(this, strip.Height, strip.Tiles * _tileCost.Transform);
        _phase = Phase.Multiply;
        _workers.Split(this, _panels, strip.Tiles * _tileCost.Multiply);
        if (_follower != null)
        {
            _phase = Phase.HandOn;
            _workers.Split(this, strip.Height, strip.Tiles * _tileCost.HandOn);
        }
    }

    /// <summary>A panel of output channels of a strip.</summary>
    private void RunPanel(in WinogradStrip strip, int panel, short* inputs, int lane)
    {
        int* sums = _scratch.Sums(_memory, lane);
        (int group, int inGroup) = Math.DivRem(panel, _numbers.PanelsOfGroup);
        int first = inGroup * _panel;
        inputs += (nint)group * _plan.Depth * _plan.Pieces.Count * strip.Tiles * Panel.Channels;
        Multiply(_weights.Of(panel, _scratch.Room(_memory, lane)), inputs, strip.Tiles, sums);
        _output.Store(strip, panel, group * _groupOutputs + first, Math.Min(_panel, _groupOutputs - first), sums);
    }

    /// <summary>All positions of a panel. Tiles are dealt to calls as evenly as can be.</summary>
    private void Multiply(short* weights, short* inputs, int tiles, int* sums)
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
                InputPosition = _input.Position(tiles),
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

    private enum Phase
    {
        WholeStrips,
        Transform,
        Multiply,
        HandOn,
    }

    /// <summary>What a tile costs, as <see cref="SplitCost"/> counts.</summary>
    private readonly struct TileCost(WinogradConv2D<T> layer, int pixels)
    {
        public readonly long Transform = (long)_tile.Positions * layer._plan.Pieces.Count * layer._channels * SplitCost.Element / 4;
        public readonly long Multiply = (long)_tile.Positions * layer._plan.Depth * layer._plan.Pieces.Count * Panel.Channels * layer._panels * _panel;
        public readonly long HandOn = (long)pixels * pixels * layer._op.Groups * layer._groupOutputs * SplitCost.Element;
    }

    /// <summary>
    /// The scratch memory, divided: a row of padding; for each thread sums of a strip, transformed columns of a tile's rows and room for a panel's
    /// weights, with a strip's transformed inputs among them where every thread has a strip, else before them all.
    /// </summary>
    private readonly struct Scratch
    {
        private const int Alignment = 64;

        /// <summary>Tiles between the sums of two threads: as far ahead a core fetches what it might write next, and takes it out of another one's cache.</summary>
        private const int TilesApart = 72;

        private readonly long _inputs;
        private readonly long _columns;
        private readonly long _sums;
        private readonly long _room;
        private readonly long _lane;

        public Scratch(WinogradConv2D<T> layer, int threads, int strips)
        {
            int tiles = layer._plan.StripRows * layer._plan.StripColumns;
            long inputs = Whole(layer._input.Elements(tiles) * sizeof(short)), columns = Whole(layer._input.ColumnElements * sizeof(short));
            long sums = Whole((long)layer._plan.Parts.Length * tiles * _tileSums * sizeof(int));
            (long common, long own) = strips == threads ? (0L, inputs) : (inputs, 0L);
            long room = Whole(layer._weights.RoomBytes), padding = Whole(layer._input.Row), between = own + columns + room;
            _sums = padding + common;
            _inputs = strips == threads ? _sums + sums : padding;
            _columns = _sums + sums + own;
            _room = _columns + columns;
            _lane = sums + (threads > 1 ? Math.Max(between, TilesApart * _tileSums * sizeof(int)) : between);
            Bytes = _sums + threads * _lane;
        }

        public long Bytes { get; }

        public short* Inputs(byte* memory, int lane) => (short*)(memory + _inputs + lane * _lane);

        public short* Columns(byte* memory, int lane) => (short*)(memory + _columns + lane * _lane);

        public int* Sums(byte* memory, int lane) => (int*)(memory + _sums + lane * _lane);

        public byte* Room(byte* memory, int lane) => memory + _room + lane * _lane;

        private static long Whole(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;
    }
}
