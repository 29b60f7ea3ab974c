using System.Runtime.CompilerServices;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// 3x3 depthwise convolution by SDOT in panels of eight channels. Each thread keeps the three rows that it works at as <see cref="PixelQuads"/>,
/// so a row is interleaved once and used three times. The last panel may overlap the one before it.
/// </summary>
internal sealed unsafe class NeonDpDepthwiseLayer<TRounding> : DepthwiseLayer
    where TRounding : struct, INeonRounding
{
    private const int Rows3 = 3;
    private const int LongRow = 16;
    private const int QuadTaps = 4;
    private const int PhaseBytes = Panel.Channels * QuadTaps;   // a kernel row of a panel, for one of the two pixels of a quad
    private const int PanelBytes = Rows3 * 2 * PhaseBytes;
    private const int PanelStarts = NeonDpDepthwiseLine.Pixels * Panel.Channels;
    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _panels;
    private readonly NativeBuffer _starts;
    private readonly int _panelCount;
    private readonly NativeBuffer _padding;
    private readonly PixelQuads _quads;
    private readonly int _height;
    private readonly nint _rowBytes;
    private sbyte* _rows;   // what the threads work at

    private NeonDpDepthwiseLayer(Conv2DOp op, KernelContext context)
        : base(op, context, default)
    {
        TensorInfo input = context.Info(op.Input);
        _height = input.Shape[1];
        _quads = new PixelQuads(Channels, input.Shape[2], Window.PadLeft, (Width + PixelsOfQuad - 1) / PixelsOfQuad);
        int groups = (Width + NeonDpDepthwiseLine.Pixels - 1) / NeonDpDepthwiseLine.Pixels;
        _rowBytes = groups * NeonDpDepthwiseLine.Pixels / PixelsOfQuad * _quads.Bytes;
        _padding = new NativeBuffer(Math.Max(_rowBytes, PixelQuads.Block));
        new Span<sbyte>((sbyte*)_padding.Pointer, (int)_padding.Length).Fill((sbyte)input.ZeroPoint);

        _panelCount = Panel.Count(Channels);
        _weights = new NativeBuffer((long)_panelCount * PanelBytes);
        _panels = new NativeBuffer((long)_panelCount * Panel.Ints * sizeof(int));
        _starts = new NativeBuffer((long)_panelCount * PanelStarts * sizeof(int));
        ReadOnlySpan<sbyte> weights = context.Model.Weights(op.Weights);
        for (int panel = 0; panel < _panelCount; panel++)
        {
            Pack(op, context, weights, panel);
        }
    }

    /// <summary>Three rows of quads for each thread.</summary>
    public override long ScratchBytes => (long)Workers.Threads * Rows3 * _rowBytes;

    public override long PackedBytes => base.PackedBytes + _weights.Length + _panels.Length + _starts.Length + _padding.Length;

    public override KernelChoice Choice => new("depthwise 3x3 by SDOT, eight channels of four pixels at a time",
        "one filter a channel; four neighbours of a channel are side by side, interleaved once for the three rows that use them");

    /// <summary>The kernel, or null where it does not fit: another window, few channels, or rows too short to pay for interleaving them.</summary>
    public static Kernel? Create(Conv2DOp op, KernelContext context) =>
        op.Window is { KernelH: 3, KernelW: 3, DilationH: 1, DilationW: 1, StrideW: 1 or 2 }
        && context.Info(op.Input).Shape[3] >= PixelQuads.Block && Pays(context.Info(op.Output).Shape[2])
            ? new NeonDpDepthwiseLayer<TRounding>(op, context)
            : null;

    /// <summary>Output pixels that a quad serves.</summary>
    private int PixelsOfQuad => Window.StrideW == 1 ? 2 : 1;

    /// <summary>By instructions of rows of 4 to 16 pixels: the spare memory for what is left of four costs as much as four pixels.</summary>
    private static bool Pays(int width) => width >= LongRow || (width >= 2 * NeonDpDepthwiseLine.Pixels && width % NeonDpDepthwiseLine.Pixels == 0);

    public override void Dispose()
    {
        base.Dispose();
        _weights.Dispose();
        _panels.Dispose();
        _starts.Dispose();
        _padding.Dispose();
    }

    protected override void Begin(sbyte* scratch) => _rows = scratch;

    protected override void Rows(int first, int rows, sbyte* x, nint inputRow, sbyte* y, int lane)
    {
        sbyte** ring = stackalloc sbyte*[Rows3];
        int strideH = Window.StrideH, next = 0;
        for (int row = 0; row < rows; row++, y += (nint)Width * Channels)
        {
            int top = row * strideH;
            for (next = Math.Max(next, top); next < top + Rows3; next++)
            {
                ring[next % Rows3] = Quads(first * strideH + next - Window.PadTop, x + (next - Window.PadTop) * InputRow, next % Rows3, lane);
            }

            for (int panel = 0; panel < _panelCount; panel++)
            {
                Run(panel, ring[top % Rows3], ring[(top + 1) % Rows3], ring[(top + 2) % Rows3], y);
            }
        }
    }

    /// <summary>Row <paramref name="index"/> of the image, which may be padding, as quads.</summary>
    private sbyte* Quads(int index, sbyte* row, int slot, int lane)
    {
        var padding = (sbyte*)_padding.Pointer;
        if ((uint)index >= (uint)_height)
        {
            return padding;
        }

        sbyte* to = _rows + (lane * Rows3 + slot) * _rowBytes;
        _quads.Interleave(row, padding, to);
        return to;
    }

    private void Run(int panel, sbyte* row0, sbyte* row1, sbyte* row2, sbyte* y)
    {
        int first = FirstChannel(panel), whole = Width & -NeonDpDepthwiseLine.Pixels;
        var line = new NeonDpDepthwiseLine
        {
            Row0 = row0 + first * QuadTaps,
            Row1 = row1 + first * QuadTaps,
            Row2 = row2 + first * QuadTaps,
            QuadBytes = _quads.Bytes,
            Weights = (sbyte*)_weights.Pointer + (nint)panel * PanelBytes,
            Panel = PanelOf(panel),
            Starts = StartsOf(panel),
            Stage = Stage,
            Output = y + first,
            OutputPixel = Channels,
            Count = whole,
        };
        Run(line);
        if (whole < Width)
        {
            RunLast(line);
        }
    }

    /// <summary>The last pixels of a row by way of spare memory, since what lies behind them may be another thread's.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RunLast(in NeonDpDepthwiseLine line)
    {
        const int Pixels = NeonDpDepthwiseLine.Pixels;
        sbyte* spare = stackalloc sbyte[Pixels * Panel.Channels];
        nint done = line.Count / PixelsOfQuad * line.QuadBytes;
        Run(line with { Row0 = line.Row0 + done, Row1 = line.Row1 + done, Row2 = line.Row2 + done, Output = spare, OutputPixel = Panel.Channels, Count = Pixels });
        Panel.CopyChannels(spare, line.Output + (nint)line.Count * Channels, Channels, Width - line.Count, Panel.Channels);
    }

    private void Run(in NeonDpDepthwiseLine line)
    {
        if (PixelsOfQuad == 2)
        {
            NeonDpDepthwise3x3<TRounding>.Run(line);
        }
        else
        {
            NeonDpDepthwise3x3<TRounding>.RunBy2(line);
        }
    }

    private void Pack(Conv2DOp op, KernelContext context, ReadOnlySpan<sbyte> weights, int panel)
    {
        const int Taps = Rows3 * Rows3;
        int first = FirstChannel(panel);
        for (int c = 0; c < Panel.Channels; c++)
        {
            int channel = first + c;
            ReadOnlySpan<sbyte> filter = weights.Slice(channel * Taps, Taps);
            for (int row = 0; row < Rows3; row++)
            {
                var quads = new Span<sbyte>((sbyte*)_weights.Pointer + (nint)panel * PanelBytes + row * 2 * PhaseBytes, 2 * PhaseBytes);
                ReadOnlySpan<sbyte> three = filter.Slice(row * Rows3, Rows3);
                three.CopyTo(quads[(c * QuadTaps)..]);                        // [w0 w1 w2 0]
                three.CopyTo(quads[(PhaseBytes + c * QuadTaps + 1)..]);       // [0 w0 w1 w2]
            }

            int bias = FoldedBias.Of(filter, context.Model.Int32Data(op.Bias)[channel], 0, context.Info(op.Input).ZeroPoint);
            Panel.Set(PanelOf(panel), c, bias, context.Model.Int32Data(op.Multipliers)[channel], context.Model.Int32Data(op.Shifts)[channel]);
            for (int pixel = 0; pixel < NeonDpDepthwiseLine.Pixels; pixel++)
            {
                StartsOf(panel)[pixel * Panel.Channels + c] = bias;
            }
        }
    }

    private int FirstChannel(int panel) => Math.Min(panel * Panel.Channels, Channels - Panel.Channels);

    private int* PanelOf(int panel) => (int*)_panels.Pointer + panel * Panel.Ints;

    private int* StartsOf(int panel) => (int*)_starts.Pointer + panel * PanelStarts;
}
