using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>The attributes that convolution and pooling share: strides, dilations, pads, auto_pad, ceil_mode.</summary>
internal static class WindowImport
{
    private const int Largest = 1 << 20;

    /// <summary>Reads the attributes; a rounded-up output size becomes padding at the end, which pooling ignores.</summary>
    public static Window Read(NodeImport node, ImageShape image, int kernelH, int kernelW, bool ceil = false)
    {
        int[] strides = List(node, "strides", [1, 1], 1);
        int[] dilations = List(node, "dilations", [1, 1], 1);
        int[] pads = List(node, "pads", [0, 0, 0, 0], 0);
        long spanH = ((kernelH - 1L) * dilations[0]) + 1, spanW = ((kernelW - 1L) * dilations[1]) + 1;
        if (Math.Max(spanH, spanW) > Largest)
        {
            throw new UnsupportedNodeException($"a kernel of {kernelH}x{kernelW}, dilations {dilations.Text()}");
        }

        string autoPad = node.Text("auto_pad", "NOTSET");
        switch (autoPad)
        {
            case "NOTSET":
                break;
            case "VALID":
                pads = [0, 0, 0, 0];
                break;
            case "SAME_UPPER" or "SAME_LOWER":
                int totalH = SameTotal(image.Height, (int)spanH, strides[0]), totalW = SameTotal(image.Width, (int)spanW, strides[1]);
                (int smallH, int smallW) = (totalH / 2, totalW / 2);
                pads = autoPad == "SAME_UPPER"
                    ? [smallH, smallW, totalH - smallH, totalW - smallW]
                    : [totalH - smallH, totalW - smallW, smallH, smallW];
                break;
            default:
                throw new UnsupportedNodeException(
                    $"attribute auto_pad = {autoPad}; NOTSET, VALID, SAME_UPPER and SAME_LOWER are supported");
        }

        if (ceil && autoPad is ("NOTSET" or "VALID"))
        {
            pads[2] += CeilExtra(image.Height, pads[0], pads[2], (int)spanH, strides[0]);
            pads[3] += CeilExtra(image.Width, pads[1], pads[3], (int)spanW, strides[1]);
        }

        return new Window(
            kernelH, kernelW, strides[0], strides[1], dilations[0], dilations[1], pads[0], pads[1], pads[2], pads[3]);
    }

    /// <summary>The attributes of a transposed convolution, and the height and width that it writes.</summary>
    public static (Window Window, int Height, int Width) ReadTransposed(NodeImport node, ImageShape image, int kernelH, int kernelW)
    {
        int[] strides = List(node, "strides", [1, 1], 1);
        int[] dilations = List(node, "dilations", [1, 1], 1);
        int[] pads = List(node, "pads", [0, 0, 0, 0], 0);
        int[] added = List(node, "output_padding", [0, 0], 0);
        string autoPad = node.Text("auto_pad", "NOTSET");
        if (node.Ints("kernel_shape") is { } kernel && !kernel.SequenceEqual([kernelH, kernelW]))
        {
            throw new UnsupportedNodeException($"attribute kernel_shape = {kernel.Text()} but the weights are {kernelH}x{kernelW}");
        }

        if (node.Ints("output_shape") is not null || autoPad is not ("NOTSET" or "VALID"))
        {
            throw new UnsupportedNodeException("attribute output_shape or auto_pad; pads and output_padding are supported");
        }

        pads = autoPad == "VALID" ? [0, 0, 0, 0] : pads;
        int Size(int n, int kernelSize, int d) => checked((int)Math.Clamp(
            ((n - 1L) * strides[d]) + added[d] + ((kernelSize - 1L) * dilations[d]) + 1 - pads[d] - pads[d + 2], -1, Largest));
        (int height, int width) = (Size(image.Height, kernelH, 0), Size(image.Width, kernelW, 1));

        // Forward, the added rows are what the stride leaves over at the end.
        var window = new Window(kernelH, kernelW, strides[0], strides[1], dilations[0], dilations[1], pads[0], pads[1], pads[2], pads[3]);
        return height >= 1 && width >= 1 && window.OutputH(height) == image.Height && window.OutputW(width) == image.Width
            ? (window, height, width)
            : throw new UnsupportedNodeException($"attributes strides = {strides.Text()}, pads = {pads.Text()}, "
                + $"output_padding = {added.Text()}: an output padding below the stride is supported");
    }

    /// <summary>Padding in all for an output of ceil(n / stride): what is missing for the last window.</summary>
    internal static int SameTotal(int n, int span, int stride) => Math.Max((((n + stride - 1) / stride - 1) * stride) + span - n, 0);

    // One more window, when it would begin inside the picture or the padding before it.
    private static int CeilExtra(int n, int before, int after, int span, int stride)
    {
        int slack = n + before + after - span;
        int overhang = slack < 0 ? 0 : slack % stride;
        int next = slack - overhang + stride;
        return overhang == 0 || next >= n + before ? 0 : stride - overhang;
    }

    private static int[] List(NodeImport node, string attribute, int[] otherwise, int smallest)
    {
        if (node.Ints(attribute) is not { } values)
        {
            return otherwise;
        }

        return values.Length == otherwise.Length && values.All(v => v >= smallest && v <= Largest)
            ? [.. values.Select(v => (int)v)]
            : throw new UnsupportedNodeException($"attribute {attribute} = {values.Text()}; {otherwise.Length} values "
                + $"of {smallest} or more are supported (two-dimensional pictures)");
    }
}
