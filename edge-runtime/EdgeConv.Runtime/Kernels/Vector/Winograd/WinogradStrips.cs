namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Rows and columns of tiles of one picture that are transformed together.</summary>
internal readonly record struct WinogradStrip(int Image, int Row, int Column, int Height, int Width)
{
    public int Tiles => Height * Width;
}

/// <summary>What the pictures of a batch are cut into: picture after picture, in each row after row.</summary>
internal readonly struct WinogradStrips
{
    private readonly int _rows;
    private readonly int _columns;
    private readonly int _height;
    private readonly int _width;
    private readonly int _down;
    private readonly int _across;

    /// <param name="op">The layer.</param>
    /// <param name="output">Its output.</param>
    /// <param name="plan">How large they are.</param>
    public WinogradStrips(Conv2DOp op, TensorInfo output, WinogradPlan plan)
    {
        (_rows, _columns) = (plan.Tiles(op, output.Shape[1]), plan.Tiles(op, output.Shape[2]));
        (_height, _width) = (plan.StripRows, plan.StripColumns);
        (_down, _across) = ((_rows + _height - 1) / _height, (_columns + _width - 1) / _width);
        Count = output.Shape[0] * _down * _across;
        Tiles = (long)output.Shape[0] * _rows * _columns;
    }

    public int Count { get; }

    /// <summary>Of all strips.</summary>
    public long Tiles { get; }

    public WinogradStrip this[int index]
    {
        get
        {
            (int line, int across) = Math.DivRem(index, _across);
            (int image, int down) = Math.DivRem(line, _down);
            (int row, int column) = (down * _height, across * _width);
            return new WinogradStrip(image, row, column, Math.Min(_height, _rows - row), Math.Min(_width, _columns - column));
        }
    }
}
