namespace EdgeConv.Converters.Onnx;

/// <summary>Height, width and channels of one picture, and how the orders HWC and CHW of its elements correspond.</summary>
internal readonly record struct ImageShape(int Height, int Width, int Channels)
{
    /// <summary>True when both orders are the same, so that nothing needs to be permuted.</summary>
    public bool OrdersAgree => Channels == 1 || Height * Width == 1;

    /// <summary>Number of elements.</summary>
    public int Length => Height * Width * Channels;

    /// <summary>Where the element at an HWC position stands in CHW order.</summary>
    public int HwcToChw(int hwc) => (hwc % Channels * Height * Width) + (hwc / Channels);

    /// <summary>Rows of CHW elements to rows of HWC elements.</summary>
    public T[] RowsToHwc<T>(T[] rows)
    {
        var result = new T[rows.Length];
        (int area, int at) = (Height * Width, 0);
        for (int row = 0; row < rows.Length; row += Length)
        {
            for (int pixel = row; pixel < row + area; pixel++)
            {
                for (int from = pixel; from < row + Length; from += area)
                {
                    result[at++] = rows[from];
                }
            }
        }

        return result;
    }

    /// <summary>Rows of HWC elements to rows of CHW elements.</summary>
    public T[] RowsToChw<T>(T[] rows)
    {
        var result = new T[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            (int row, int column) = (i / Length, i % Length);
            result[(row * Length) + HwcToChw(column)] = rows[i];
        }

        return result;
    }
}
