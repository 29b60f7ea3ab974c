namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>A layer's way into the transformed domain: B^T d B of each tile, from pictures that are padded on the way.</summary>
internal sealed unsafe class WinogradInput<T>
    where T : struct, IWinogradKernel
{
    private const int PositionSkew = 32;    // elements: positions a power of two apart would share cache sets
    private static readonly WinogradTile _tile = T.Tile;
    private readonly Window _window;
    private readonly WinogradPieces _pieces;
    private readonly sbyte* _x;
    private readonly int _height;
    private readonly int _width;
    private readonly int _channels;
    private readonly int _zeroPoint;

    public WinogradInput(Conv2DOp op, KernelContext context, WinogradPlan plan)
    {
        TensorInfo input = context.Info(op.Input);
        (_window, _pieces) = (op.Window, plan.Pieces);
        _x = context.Activation(op.Input);
        (_height, _width, _channels, _zeroPoint) = (input.Shape[1], input.Shape[2], input.Shape[3], input.ZeroPoint);
        Row = (nint)Columns(plan.StripColumns) * _channels + T.Processor.RowSlack;
    }

    /// <summary>Elements of a row of the widest strip: what is padding wants so many bytes of it, and columns so many int16 a row of a tile.</summary>
    public nint Row { get; }

    /// <summary>Elements of transformed columns.</summary>
    public nint ColumnElements => _tile.Input * Row;

    /// <summary>Elements of transformed inputs; a group is read beyond the last.</summary>
    public nint Elements(int tiles) => _tile.Positions * Position(tiles) + (nint)tiles * Panel.Channels;

    /// <summary>Elements from one position of transformed inputs to the next.</summary>
    public nint Position(int tiles) => (nint)Panel.Count(_channels) * _pieces.Count * tiles * Panel.Channels + PositionSkew;

    /// <summary>A row of nothing but padding.</summary>
    public void Pad(sbyte* row) => new Span<sbyte>(row, (int)Row).Fill((sbyte)_zeroPoint);

    /// <summary>One row of tiles of a strip, once for each piece of the kernel. Pieces side by side share transformed columns.</summary>
    /// <param name="strip">The strip.</param>
    /// <param name="row">Which of its rows.</param>
    /// <param name="padding">A row of it.</param>
    /// <param name="columns">Scratch: <see cref="ColumnElements"/>.</param>
    /// <param name="inputs">The strip's.</param>
    public void Transform(in WinogradStrip strip, int row, sbyte* padding, short* columns, short* inputs)
    {
        nint tiles = strip.Tiles * Panel.Channels, position = Position(strip.Tiles);
        for (int down = 0; down < _pieces.Down; down++)
        {
            TransformColumns(strip, (strip.Row + row) * _tile.Output + down * WinogradTile.Taps, padding, columns);
            for (int across = 0; across < _pieces.Across; across++)
            {
                short* piece = inputs + (down * _pieces.Across + across) * tiles + row * strip.Width * Panel.Channels;
                short* from = columns + across * WinogradTile.Taps * _channels;
                for (int i = 0; i < _tile.Input; i++)
                {
                    T.TransformRow(from + i * Row, _channels, strip.Width, piece + i * _tile.Input * position, position, _pieces.Count * tiles);
                }
            }
        }
    }

    /// <summary>Columns of the input that so many tiles side by side read.</summary>
    private int Columns(int tiles) => tiles * _tile.Output + _tile.Input - _tile.Output + (_pieces.Across - 1) * WinogradTile.Taps;

    /// <summary>A tile's rows of the picture, padding included, with B^T down their columns.</summary>
    private void TransformColumns(in WinogradStrip strip, int oy, sbyte* padding, short* transformed)
    {
        int left = strip.Column * _tile.Output - _window.PadLeft, columns = Columns(strip.Width);
        int from = Math.Clamp(-left, 0, columns), to = Math.Clamp(_width - left, from, columns);   // columns of the strip that lie inside the picture
        if (to > from)
        {
            sbyte** rows = stackalloc sbyte*[_tile.Input];
            for (int i = 0; i < _tile.Input; i++)
            {
                int y = oy - _window.PadTop + i;
                bool inside = (uint)y < (uint)_height;
                rows[i] = inside ? _x + (((nint)strip.Image * _height + y) * _width + left + from) * _channels : padding;
            }

            T.TransformColumns(rows, transformed + (nint)from * _channels, Row, (nint)(to - from) * _channels);
        }

        for (int i = 0; i < _tile.Input; i++)
        {
            short* row = transformed + i * Row;
            short constant = (short)(i == 1 ? _tile.ConstantAtOne * _zeroPoint : 0);
            new Span<short>(row, from * _channels).Fill(constant);
            new Span<short>(row + (nint)to * _channels, (columns - to) * _channels).Fill(constant);
        }
    }
}
