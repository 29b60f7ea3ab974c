using EdgeConv.Runtime.Kernels.Vector;
using EdgeConv.Runtime.Threading;

namespace EdgeConv.Runtime.Tests;

/// <summary>Images of few channels with the kernel's rows side by side.</summary>
public sealed unsafe class ColumnImageTests
{
    private static readonly Window _five = new(5, 5, PadTop: 2, PadLeft: 2, PadBottom: 2, PadRight: 2);

    [Fact]
    public void A_column_has_the_bytes_that_the_kernel_sees_there()
    {
        Window[] windows = [_five, new(3, 3, PadTop: 1, PadLeft: 1), new(7, 2, 1, 3, PadBottom: 3), new(3, 3, 2, 2), new(2, 3, 3, 1, 3, 1, PadTop: 2), new(17, 2)];
        foreach (Window window in windows)
        {
            foreach (int channels in new[] { 1, 2, 3, 5, 17 })
            {
                Check<Vector128MicroKernel>(window, channels);
                Check<Avx2MicroKernel>(window, channels);   // two bytes an element
            }
        }
    }

    [Fact]
    public void Columns_are_made_where_short_runs_would_leave_steps_half_empty()
    {
        Assert.True(Pays<NeonMicroKernel>(_five, [1, 28, 28, 1]));
        Assert.True(Pays<NeonDpMicroKernel>(_five, [1, 28, 28, 1]));
        Assert.True(Pays<NeonMicroKernel>(new Window(11, 11, 4, 4), [1, 227, 227, 3]));
        Assert.False(Pays<NeonMicroKernel>(new Window(5, 5), [1, 14, 14, 6]));       // runs of 30 of 32 taps
        Assert.False(Pays<NeonMicroKernel>(new Window(1, 1), [1, 28, 28, 1]));
        Assert.False(Pays<NeonMicroKernel>(new Window(5, 5, 1, 1, 1, 2), [1, 28, 28, 1]));
        Assert.False(ColumnImage<NeonMicroKernel>.Pays(_five, 2, Input([1, 28, 28, 2]), 32));
        Assert.False(Pays<NeonMicroKernel>(new Window(1000, 1), [1, 4000, 4000, 1]));   // gigabytes
    }

    private static bool Pays<T>(Window window, int[] shape)
        where T : struct, IMicroKernel =>
        ColumnImage<T>.Pays(window, 1, Input(shape), shape[2] + window.PadLeft + window.PadRight);

    private static TensorInfo Input(int[] shape) => new("x", ElementType.Int8, TensorStorage.Arena, shape, 1, -7, 0);

    private static void Check<T>(Window window, int channels)
        where T : struct, IMicroKernel
    {
        if (!T.IsSupported)
        {
            return;
        }

        TensorInfo input = Input([1, window.SpanH + 4, window.SpanW + 5, channels]);
        var random = new Random(channels);
        sbyte[] picture = [.. Enumerable.Range(0, input.Length + 64).Select(_ => (sbyte)random.Next(-128, 128))];
        var padded = new PaddedImage<T>(input, new ImageFrame(window.PadTop, window.PadLeft, window.PadBottom, window.PadRight), WorkerPool.Alone);
        int rows = window.OutputH(input.Shape[1]);
        var columns = new ColumnImage<T>(padded, window, channels, rows);
        byte[] scratch = new byte[columns.Bytes];
        fixed (sbyte* x = picture)
        {
            fixed (byte* memory = scratch)
            {
                byte* found = columns.Load(x, memory);
                Assert.True(found + rows * columns.RowBytes <= memory + scratch.Length);
                for (int row = 0; row < rows; row++)
                {
                    for (int i = 0; i < padded.Width * window.KernelH * channels; i++)
                    {
                        (int column, int within) = Math.DivRem(i, window.KernelH * channels);
                        int y = row * window.StrideH + within / channels * window.DilationH - window.PadTop, left = column - window.PadLeft;
                        bool isInside = (uint)y < (uint)input.Shape[1] && (uint)left < (uint)input.Shape[2];
                        int expected = isInside ? picture[(y * input.Shape[2] + left) * channels + within % channels] : input.ZeroPoint;
                        byte* at = found + row * columns.RowBytes + i * T.InputBytes;
                        Assert.True((T.InputBytes == 2 ? *(short*)at : *(sbyte*)at) == expected, $"{window}, {channels} channels, row {row}, element {i}");
                    }
                }
            }
        }
    }
}
