using EdgeConv.Runtime;

namespace EdgeConv.Trainer.Networks;

/// <summary>Square windows, as all layers here have them.</summary>
internal static class Windows
{
    /// <summary>Kernel x kernel with the same stride and padding on all sides.</summary>
    public static Window Square(int kernel, int stride, int padding = 0) => new(kernel, kernel, stride, stride,
        PadTop: padding, PadLeft: padding, PadBottom: padding, PadRight: padding);

    /// <summary>Size after a window has slid over the input.</summary>
    /// <exception cref="TrainingException">The window is larger than the input.</exception>
    public static FeatureShape Output(Window window, FeatureShape input, int channels)
    {
        int height = window.OutputH(input.Height), width = window.OutputW(input.Width);
        return height > 0 && width > 0
            ? new FeatureShape(height, width, channels)
            : throw new TrainingException(
                $"A {window.KernelH}x{window.KernelW} window does not fit its input of {input}; the picture is too small.");
    }
}
