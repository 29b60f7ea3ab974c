using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>Conv, ConvTranspose and BatchNormalization.</summary>
internal static class ConvolutionImport
{
    /// <summary>Two-dimensional convolution, weights OIHW in the file and OHWI in the graph.</summary>
    public static void Conv(NodeImport node)
    {
        ImportedValue input = node.Picture(0);
        ImageShape image = input.Image;
        OnnxConstant weights = node.Constant(1);
        if (weights.Shape.Length != 4 || weights.Length == 0)
        {
            throw new UnsupportedNodeException($"weights of shape {weights.Shape.Text()}; [O, I, H, W] is supported");
        }

        (int outputs, int groupInputs, int kernelH, int kernelW) = (weights.Shape[0], weights.Shape[1], weights.Shape[2], weights.Shape[3]);
        long groups = node.Int("group", 1);
        if (groups < 1 || groupInputs * groups != image.Channels || outputs % groups != 0)
        {
            throw new UnsupportedNodeException(
                $"weights {weights.Shape.Text()} with attribute group = {groups} do not fit {image.Channels} input channels");
        }

        if (node.Ints("kernel_shape") is { } kernel && !kernel.SequenceEqual([kernelH, kernelW]))
        {
            throw new UnsupportedNodeException(
                $"attribute kernel_shape = {kernel.Text()} but the weights are {weights.Shape.Text()}");
        }

        Window window = WindowImport.Read(node, image, kernelH, kernelW);
        var order = new ImageShape(kernelH, kernelW, groupInputs);
        float[] bias = node.Has(2) ? node.Floats(2, outputs) : new float[outputs];
        var integers = GivenImport.Read(weights.Quantized, 0, outputs, order.RowsToHwc, mayHaveZeroPoint: false);
        GivenWeights? given = Given(node, integers, groupInputs, input);
        Operation convolution = new Conv2D(given?.Floats() ?? order.RowsToHwc(weights.Floats()), bias, window, (int)groups) { Given = given };
        node.Emit(convolution, GivenImport.Copies(node, input, integers?.Parts.Count ?? 1, (int)groups),
            [1, outputs, window.OutputH(image.Height), window.OutputW(image.Width)]);
    }

    private static GivenWeights? Given(NodeImport node, GivenImport.Integers? integers, int run, ImportedValue input) => integers is null
        ? null
        : new GivenWeights(GivenImport.Join(integers.Parts, run), integers.Scales,
            GivenImport.Bias(node, node.Has(2) ? node.Constant(2) : null, input, integers.Scales));

    /// <summary>Transposed convolution, weights [C, O / groups, H, W] in the file; groups become zeros between them.</summary>
    public static void ConvTranspose(NodeImport node)
    {
        ImportedValue input = node.Picture(0);
        ImageShape image = input.Image;
        OnnxConstant weights = node.Constant(1);
        long groups = node.Int("group", 1);
        if (weights.Shape is not [var inputs, var groupOutputs, >= 1 and var kernelH, >= 1 and var kernelW] || inputs != image.Channels
            || groups < 1 || inputs % groups != 0 || groupOutputs < 1)
        {
            throw new UnsupportedNodeException(
                $"weights {weights.Shape.Text()} with attribute group = {groups} do not fit {image.Channels} input channels");
        }

        int outputs = groupOutputs * (int)groups;
        (Window window, int height, int width) = WindowImport.ReadTransposed(node, image, kernelH, kernelW);
        int taps = kernelH * kernelW, groupInputs = inputs / (int)groups;
        T[] Order<T>(T[] values, T none)
        {
            T[] ohwi = [.. Enumerable.Repeat(none, outputs * taps * inputs)];
            for (int i = 0; i < values.Length; i++)
            {
                (int c, int o, int tap) = (i / taps / groupOutputs, i / taps % groupOutputs, i % taps);
                ohwi[(((((c / groupInputs * groupOutputs) + o) * taps) + tap) * inputs) + c] = values[i];
            }

            return ohwi;
        }

        float[] bias = node.Has(2) ? node.Floats(2, outputs) : new float[outputs];
        QuantizedTensor? quantized = groups == 1 ? weights.Quantized : weights.Quantized?.Grouped(1, groupOutputs, outputs);
        if (groups > 1 && quantized?.ZeroPoints.Any(z => z != quantized.ZeroPoints[0]) == true)
        {
            throw new UnsupportedNodeException("weights of several groups with a zero point a channel; one zero point is supported");
        }

        // Between the groups stand weights that are 0: their zero point.
        var integers = GivenImport.Read(quantized, 1, outputs, v => Order(v, quantized!.ZeroPoints[0]), mayHaveZeroPoint: false);
        GivenWeights? given = Given(node, integers, inputs, input);
        Operation transposed = new TransposeConv(given?.Floats() ?? Order(weights.Floats(), 0), bias, window) { Given = given };
        node.Emit(transposed, GivenImport.Copies(node, input, integers?.Parts.Count ?? 1, 1), [1, outputs, height, width]);
    }

    /// <summary>Batch normalization with the statistics of training.</summary>
    public static void BatchNormalization(NodeImport node)
    {
        ImportedValue input = node.Activation(0).OnnxShape.Count == 4 ? node.Picture(0) : node.Activation(0);
        if (input.ViewOf is not null)
        {
            throw new UnsupportedNodeException($"its input has the shape {input.OnnxShape.Text()}; [1, C, H, W] or [1, C] is supported");
        }

        node.Require("training_mode", 0, 0);
        node.Require("spatial", 1, 1);
        node.Ignore("momentum");
        int channels = input.OnnxShape[1];
        float[] Parameter(int index) =>
            input.FlattenedFrom?.RowsToHwc(node.Floats(index, channels)) ?? node.Floats(index, channels);
        node.EmitElementwise(
            new BatchNormalization(Parameter(1), Parameter(2), Parameter(3), Parameter(4), node.Float("epsilon", 1e-5f)), input);
    }
}
