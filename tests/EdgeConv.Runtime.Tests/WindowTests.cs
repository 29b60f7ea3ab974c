namespace EdgeConv.Runtime.Tests;

/// <summary>Output sizes: floor((n + 2p - f) / s + 1).</summary>
public sealed class WindowTests
{
    [Theory]
    [InlineData(6, 3, 1, 0, 1, 4)]
    [InlineData(7, 3, 2, 0, 1, 3)]
    [InlineData(28, 5, 1, 2, 1, 28)]
    [InlineData(7, 3, 1, 0, 2, 3)]
    [InlineData(8, 3, 2, 0, 1, 3)]
    [InlineData(5, 5, 1, 0, 1, 1)]
    [InlineData(4, 5, 1, 0, 1, 0)]
    [InlineData(4, 5, 3, 0, 1, 0)]
    public void Output_size_is_the_formula_of_the_lecture(int size, int kernel, int stride, int pad, int dilation, int expected)
    {
        var window = new Window(kernel, kernel, stride, stride, dilation, dilation, pad, pad, pad, pad);
        Assert.Equal(expected, window.OutputH(size));
        Assert.Equal(expected, window.OutputW(size));
    }
}
