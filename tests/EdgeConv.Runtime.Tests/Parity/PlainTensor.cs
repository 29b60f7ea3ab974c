namespace EdgeConv.Runtime.Tests.Parity;

/// <summary>A tensor as plain numbers under four dimensions, with ones in front of fewer.</summary>
internal sealed class PlainTensor
{
    private readonly int[] _values;

    public PlainTensor(TensorInfo info, int[] values)
    {
        Info = info;
        _values = values;
        Shape = [.. Enumerable.Repeat(1, 4 - info.Shape.Count), .. info.Shape];
    }

    public TensorInfo Info { get; }

    public int[] Shape { get; }

    public int Length => _values.Length;

    public int this[int i] => _values[i];

    /// <summary>An element; a dimension of 1 is repeated.</summary>
    public int this[int n, int h, int w, int c] => _values[
        ((Place(n, 0) * Shape[1] + Place(h, 1)) * Shape[2] + Place(w, 2)) * Shape[3] + Place(c, 3)];

    /// <summary>An element less the zero point, or 0 outside the image.</summary>
    public long Real(int n, int h, int w, int c) =>
        (uint)h < (uint)Shape[1] && (uint)w < (uint)Shape[2] ? this[n, h, w, c] - Info.ZeroPoint : 0;

    /// <summary>The four indices of an element.</summary>
    public static (int N, int H, int W, int C) Indices(int[] shape, int i) =>
        (i / shape[3] / shape[2] / shape[1], i / shape[3] / shape[2] % shape[1], i / shape[3] % shape[2], i % shape[3]);

    private int Place(int index, int dimension) => Shape[dimension] == 1 ? 0 : index;
}
