namespace EdgeConv.Runtime;

/// <summary>A tensor's shape as four dimensions, with ones in front of fewer.</summary>
internal readonly struct Shape4
{
    private readonly int[] _dimensions;

    public Shape4(TensorInfo info) => _dimensions = [Of(info, 0), Of(info, 1), Of(info, 2), Of(info, 3)];

    public int this[int i] => _dimensions[i];

    public static int Of(TensorInfo info, int i) => i < 4 - info.Shape.Count ? 1 : info.Shape[i - 4 + info.Shape.Count];

    /// <summary>Elements from one index to the next in each dimension; 0 where a dimension of 1 is repeated.</summary>
    public int[] BroadcastStrides()
    {
        int[] strides = new int[4];
        int stride = 1;
        for (int i = 3; i >= 0; i--)
        {
            strides[i] = _dimensions[i] == 1 ? 0 : stride;
            stride *= _dimensions[i];
        }

        return strides;
    }
}
