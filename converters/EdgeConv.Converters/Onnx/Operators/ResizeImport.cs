using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>
/// Resize and its forerunner Upsample. ONNX has many ways to map and to round positions, ours are few; what decides is whether the positions
/// come out the same for the sizes at hand.
/// </summary>
internal static class ResizeImport
{
    private const double SamePosition = 1e-4;

    /// <summary>Rows and columns by a factor; asymmetric, nearest rounds down.</summary>
    public static void Upsample(NodeImport node)
    {
        ImportedValue input = node.Picture(0);
        float[] scales = (node.Opset < 9 ? node.FloatList("scales") : node.Constant(1).Floats()) ?? [];
        Emit(node, input, node.Text("mode", "nearest"), "asymmetric", "floor", scales, null);
    }

    /// <summary>To constant sizes, or by constant factors.</summary>
    public static void Resize(NodeImport node)
    {
        ImportedValue input = node.Picture(0);
        string mode = node.Text("mode", "nearest");
        if (node.Opset < 11)
        {
            Emit(node, input, mode, "asymmetric", "floor", node.Constant(1).Floats(), null);
            return;
        }

        node.Ignore("cubic_coeff_a");
        node.Ignore("extrapolation_value");   // of tf_crop_and_resize only
        node.Require("exclude_outside", supported: 0, otherwise: 0);
        node.Require("antialias", supported: 0, otherwise: 0);
        if (node.Text("keep_aspect_ratio_policy", "stretch") is not "stretch" and var policy)
        {
            throw new UnsupportedNodeException($"attribute keep_aspect_ratio_policy = {policy}; stretch is supported");
        }

        long[] axes = node.Ints("axes") ?? [0, 1, 2, 3];
        float[]? scales = node.Has(2) && node.Constant(2).Length > 0 ? Spread(axes, node.Constant(2).Floats(), [1, 1, 1, 1]) : null;
        long[]? sizes = node.Has(3) && node.Constant(3).Length > 0
            ? Spread(axes, node.Constant(3).Integers(), [.. input.OnnxShape.Select(d => (long)d)])
            : null;
        Emit(node, input, mode, node.Text("coordinate_transformation_mode", "half_pixel"), node.Text("nearest_mode", "round_prefer_floor"),
            scales, sizes);
    }

    private static void Emit(
        NodeImport node, ImportedValue input, string mode, string transformation, string nearest, float[]? scales, long[]? sizes)
    {
        ImageShape image = input.Image;
        if (mode is not ("nearest" or "linear"))
        {
            throw new UnsupportedNodeException($"attribute mode = {mode}; nearest and linear are supported");
        }

        if ((scales is null) == (sizes is null) || scales is { Length: not 4 } || sizes is { Length: not 4 })
        {
            throw new UnsupportedNodeException("constant scales or sizes, one a dimension, are supported");
        }

        if (scales?.Any(s => !(s > 0) || s > 1 << 20) == true)
        {
            throw new UnsupportedNodeException($"scales = {scales.Text()}; positive ones are supported");
        }

        long[] size = sizes ?? [.. scales!.Select((s, i) => (long)Math.Floor(s * input.OnnxShape[i]))];
        if (size[0] != 1 || size[1] != image.Channels || size[2] is < 1 or > short.MaxValue || size[3] is < 1 or > short.MaxValue
            || Math.Max(image.Height, image.Width) > short.MaxValue)
        {
            throw new UnsupportedNodeException($"{input.OnnxShape.Text()} resized to {size.Text()}; rows and columns, "
                + $"1 to {short.MaxValue}, are supported");
        }

        (int height, int width) = ((int)size[2], (int)size[3]);
        var rows = new Side(image.Height, height, scales?[2] ?? height / (float)image.Height);
        var columns = new Side(image.Width, width, scales?[3] ?? width / (float)image.Width);
        ResizeMode kind = mode == "nearest" ? ResizeMode.Nearest : ResizeMode.Bilinear;
        ResizeImage? same = Enum.GetValues<ResizeCoordinates>().Select(c => new ResizeImage(kind, c))
            .FirstOrDefault(r => rows.Fits(r, transformation, nearest) && columns.Fits(r, transformation, nearest));
        if (same is null)
        {
            throw new UnsupportedNodeException($"attributes coordinate_transformation_mode = {transformation}, nearest_mode = {nearest}, "
                + $"mode = {mode}, scales {rows.Scale} and {columns.Scale}, on {input.OnnxShape.Text()}: its positions are none of "
                + "asymmetric, half_pixel (nearest: rounded up) or align_corners with the scale output / input");
        }

        node.Emit(same, input, [1, image.Channels, height, width]);
    }

    private static T[] Spread<T>(long[] axes, T[] values, T[] all)
    {
        if (axes.Length != values.Length || all.Length != 4 || axes.Any(a => a is < -4 or > 3))
        {
            throw new UnsupportedNodeException($"{values.Length} scales or sizes for axes {axes.Text()}; one an axis is expected");
        }

        for (int i = 0; i < axes.Length; i++)
        {
            all[(axes[i] + 4) % 4] = values[i];
        }

        return all;
    }

    /// <summary>Rows or columns.</summary>
    private readonly record struct Side(int Input, int Output, float Scale)
    {
        /// <summary>Whether ONNX's positions are those of our operation.</summary>
        public bool Fits(ResizeImage resize, string transformation, string nearest)
        {
            double[] ours = FloatShapes.Positions(resize, Input, Output);
            for (int i = 0; i < Output; i++)
            {
                float at = Position(i, transformation);
                bool same = resize.Mode == ResizeMode.Nearest
                    ? Math.Clamp(Rounded(at, nearest), 0, Input - 1) == (int)ours[i]
                    : Math.Abs(Math.Clamp(at, 0, Input - 1) - ours[i]) < SamePosition;
                if (!same)
                {
                    return false;
                }
            }

            return true;
        }

        // In single precision, as ONNX Runtime has it.
        private float Position(int i, string transformation) => transformation switch
        {
            "half_pixel" => ((i + 0.5f) / Scale) - 0.5f,
            "pytorch_half_pixel" => Output > 1 ? ((i + 0.5f) / Scale) - 0.5f : 0,
            "half_pixel_symmetric" => (Input / 2f * (1 - (Output / (Scale * Input)))) + ((i + 0.5f) / Scale) - 0.5f,
            "tf_half_pixel_for_nn" => (i + 0.5f) / Scale,
            "asymmetric" => i / Scale,
            "align_corners" => Output == 1 ? 0 : i * (Input - 1) / (float)(Output - 1),
            _ => throw new UnsupportedNodeException($"attribute coordinate_transformation_mode = {transformation}; half_pixel, "
                + "pytorch_half_pixel, half_pixel_symmetric, tf_half_pixel_for_nn, asymmetric and align_corners are supported"),
        };

        private static int Rounded(float at, string nearest) => (int)(nearest switch
        {
            "round_prefer_floor" => at == MathF.Floor(at) + 0.5f ? MathF.Floor(at) : MathF.Round(at, MidpointRounding.AwayFromZero),
            "round_prefer_ceil" => MathF.Floor(at) + (at - MathF.Floor(at) >= 0.5f ? 1 : 0),
            "floor" => MathF.Floor(at),
            "ceil" => MathF.Ceiling(at),
            _ => throw new UnsupportedNodeException($"attribute nearest_mode = {nearest}; round_prefer_floor, round_prefer_ceil, floor and ceil "
                + "are supported"),
        });
    }
}
