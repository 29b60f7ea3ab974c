using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx.Operators;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.Visualization;

/// <summary>A picture behind a filter.</summary>
/// <param name="Window">The filter's kernel, stride and padding.</param>
/// <param name="Height">Rows of the response.</param>
/// <param name="Width">Columns of the response.</param>
/// <param name="Channels">1, or 3 where each colour went through alone.</param>
/// <param name="Values">The int8 responses as real numbers, HWC, in units of pixel values.</param>
/// <param name="Step">What one step of the int8 response stands for.</param>
/// <param name="LargestError">From the same filter in float.</param>
/// <param name="Saturated">Responses that int8 had to clip.</param>
public sealed record FilteredPicture(
    Window Window, int Height, int Width, int Channels, float[] Values, float Step, float LargestError, int Saturated)
{
    /// <summary>Largest absolute response.</summary>
    public float Largest => Values.Max(Math.Abs);

    /// <summary>Zero as mid grey (128), the largest response of either sign at the end of the scale.</summary>
    public Picture ToPicture()
    {
        float factor = Largest == 0 ? 0 : 127 / Largest;
        byte[] pixels = [.. Values.Select(v => (byte)Math.Round(128 + (v * factor)))];
        return new Picture(pixels, Width, Height, Channels == 1 ? PixelFormat.Gray8 : PixelFormat.Rgb24);
    }
}

/// <summary>
/// Sends a picture through one convolution with weights chosen by hand: a model file of one layer, checked and run by the runtime's
/// kernels as any network is.
/// </summary>
public static class PictureFilter
{
    private const string Input = "picture", Output = "response";

    /// <summary>Filters a picture. The int8 range is that of the responses to this picture, so that none is clipped.</summary>
    /// <param name="picture">Any picture.</param>
    /// <param name="kernel">The filter.</param>
    /// <param name="stride">Pixels from one place to the next.</param>
    /// <param name="same">Pad so that the response has the picture's size divided by the stride, rounded up.</param>
    /// <param name="eachColor">Red, green and blue alone; otherwise in grey.</param>
    /// <exception cref="ConversionException">The filter is larger than the picture.</exception>
    public static FilteredPicture Run(Picture picture, FilterKernel kernel, int stride, bool same, bool eachColor)
    {
        var layout = new PictureLayout(
            picture.Width, picture.Height, eachColor ? ColorOrder.Rgb : ColorOrder.Gray, Crop.Stretch, Resize.Nearest);
        byte[] pixels = new byte[layout.ByteLength];
        new PictureResampler(layout).Run(picture, pixels);

        Graph graph = Network(layout, kernel, Around(kernel, layout, stride, same));
        float[] exact = new FloatExecutor(graph).Run([.. pixels.Select(p => (float)p)]);
        QuantizedGraph quantized = Quantize(graph, exact.Min(), exact.Max());
        using Model model = Model.Load(Lowering.Lower(quantized, new LoweringOptions()));
        using var interpreter = new Interpreter(model);
        sbyte[] responses = new sbyte[exact.Length];
        interpreter.Invoke([.. pixels.Select(p => quantized.Input.Quantization.Quantize(p))], responses);

        var values = new float[exact.Length];
        model.Output.Dequantize(responses, values);
        (double low, double high) = quantized.Nodes[^1].Output.Limits;
        double rounding = model.Output.Scale * 1e-3;
        return new FilteredPicture(((Conv2D)graph.Nodes[0].Operation).Window, model.Output.Shape[1], model.Output.Shape[2], layout.Channels,
            values, model.Output.Scale, values.Zip(exact, (v, e) => Math.Abs(v - e)).Max(),
            exact.Count(e => e < low - rounding || e > high + rounding));
    }

    private static Graph Network(PictureLayout layout, FilterKernel kernel, Window window)
    {
        (int height, int width) = (window.OutputH(layout.Height), window.OutputW(layout.Width));
        if (height < 1 || width < 1)
        {
            throw new ConversionException($"The filter {kernel.Name} is {kernel.Rows}x{kernel.Columns}, larger than the picture of "
                + $"{layout.Height}x{layout.Width} (rows x columns). Take a smaller filter, or padding 'same'.");
        }

        float[] weights = [.. Enumerable.Repeat(kernel.Values, layout.Channels).SelectMany(values => values)];
        var filter = new Conv2D(weights, new float[layout.Channels], window, layout.Channels);
        var node = new Node("filter", filter, [Input], new Value(Output, [1, height, width, layout.Channels]));
        return new Graph(kernel.Name, new Value(Input, [1, layout.Height, layout.Width, layout.Channels]), [node], Output);
    }

    // The quantizer would give the largest weight all of int8; here whole numbers stay exact, so that the picture shows the filter alone.
    private static QuantizedGraph Quantize(Graph graph, float min, float max)
    {
        Node node = graph.Nodes[0];
        var filter = (Conv2D)node.Operation;
        float largest = Math.Max(filter.Weights.Max(Math.Abs), float.Epsilon);
        bool isWhole = largest is >= 1 and <= 127 && filter.Weights.All(w => w == MathF.Round(w));
        float scale = isWhole ? 1 / MathF.Floor(127 / largest) : largest / 127;
        sbyte[] weights = [.. filter.Weights.Select(w => (sbyte)Math.Clamp(MathF.Round(w / scale), -127, 127))];

        var input = new QuantizedValue(Input, graph.Input.Shape, new ActivationQuantization(1, sbyte.MinValue));
        var response = new QuantizedValue(Output, node.Output.Shape, Holding(min, max));
        int channels = filter.Bias.Length;
        QuantizedMultiplier multiplier = QuantizedMultiplier.From((double)scale / response.Quantization.Scale);
        var quantized = new QuantizedWeights(weights, [.. Enumerable.Repeat(scale, channels)], new long[channels],
            [.. Enumerable.Repeat(multiplier, channels)], Activation.None, sbyte.MinValue, sbyte.MaxValue);
        var convolution = new QuantizedNode(node.Name, new QuantizedConv2D(quantized, filter.Window, filter.Groups), node.Inputs, response);
        return new QuantizedGraph(graph.Name, input, [convolution], Output);
    }

    // Moving zero to a step may push an end of the range out by half a step; half a step more at each end holds both.
    private static ActivationQuantization Holding(float min, float max)
    {
        var exact = ActivationQuantization.FromRange(new ValueRange(min, max));
        double rounding = exact.Scale * 1e-3;
        return exact.Min <= min + rounding && exact.Max >= max - rounding
            ? exact
            : ActivationQuantization.FromRange(new ValueRange(min - (exact.Scale / 1.98f), max + (exact.Scale / 1.98f)));
    }

    private static Window Around(FilterKernel kernel, PictureLayout layout, int stride, bool same)
    {
        int rows = same ? WindowImport.SameTotal(layout.Height, kernel.Rows, stride) : 0;
        int columns = same ? WindowImport.SameTotal(layout.Width, kernel.Columns, stride) : 0;
        return new Window(kernel.Rows, kernel.Columns, stride, stride, PadTop: rows / 2, PadLeft: columns / 2,
            PadBottom: rows - (rows / 2), PadRight: columns - (columns / 2));
    }
}
