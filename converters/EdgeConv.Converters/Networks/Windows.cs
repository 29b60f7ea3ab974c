using EdgeConv.Runtime;

namespace EdgeConv.Converters.Networks;

/// <summary>Square windows, as all layers here have them.</summary>
internal static class Windows
{
    /// <summary>Kernel x kernel with the same stride and padding on all sides.</summary>
    public static Window Square(int kernel, int stride, int padding = 0) => new(kernel, kernel, stride, stride,
        PadTop: padding, PadLeft: padding, PadBottom: padding, PadRight: padding);

    /// <summary>Size after a window has slid over the input.</summary>
    /// <exception cref="NetworkException">The window is larger than the input.</exception>
    public static FeatureShape Output(Window window, FeatureShape input, int channels)
    {
        int height = window.OutputH(input.Height), width = window.OutputW(input.Width);
        return height > 0 && width > 0
            ? new FeatureShape(height, width, channels)
            : throw new NetworkException(
                $"A {window.KernelH}x{window.KernelW} window does not fit its input of {input.Height}x{input.Width}x{input.Channels}; the picture is too small.");
    }

    /// <summary>The lecture's formula with this layer's numbers: (28 + 2*2 - 5)/1 + 1 = 28.</summary>
    public static string Explain(int kernel, int stride, int padding, FeatureShape input)
    {
        Window window = Square(kernel, stride, padding);
        string rows = Formula(input.Height, window.OutputH(input.Height));
        return input.Width == input.Height ? rows : $"{rows}, {Formula(input.Width, window.OutputW(input.Width))}";

        string Formula(int n, int result) => $"({n} + 2*{padding} - {kernel})/{stride} + 1 = {result}";
    }
}
