using EdgeConv.Cli.Commands;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Models;

/// <summary>How training prepared pixels, as the user says: (pixel from 0 to 1 - Mean) / Deviation.</summary>
/// <param name="Mean">One for all channels, or one each.</param>
/// <param name="Deviation">The same.</param>
internal sealed record Pixels(float[] Mean, float[] Deviation)
{
    /// <summary>The preprocessing for a network; crop, resize and colours stay as its file has them.</summary>
    /// <exception cref="UsageException">Its input is no picture, or has another number of channels.</exception>
    public PictureInput For(SourceNetwork network)
    {
        IReadOnlyList<int> shape = network.Graph?.Input.Shape ?? network.Quantized!.Input.Shape;
        if (shape is not [1, var height, var width, (1 or 3) and var channels])
        {
            throw new UsageException($"--mean and --std are about pictures, and the network takes {Units.Shape(shape)} (NHWC); leave them out.");
        }

        PictureLayout layout = (network.Graph?.Picture ?? network.Quantized?.Picture)?.Layout
            ?? new PictureLayout(width, height, channels == 1 ? ColorOrder.Gray : ColorOrder.Rgb);
        return new PictureInput(layout, Each("--mean", Mean, channels), Each("--std", Deviation, channels));
    }

    private static float[] Each(string option, float[] numbers, int channels) =>
        numbers.Length == channels ? numbers
        : numbers.Length == 1 ? [.. Enumerable.Repeat(numbers[0], channels)]
        : throw new UsageException($"{option} has {numbers.Length} numbers, the network's pictures have {channels} channels.");
}
