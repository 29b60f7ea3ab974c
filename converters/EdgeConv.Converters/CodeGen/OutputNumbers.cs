using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>What a layer begins its sums with, and what takes them to int8: tables where filters differ, numbers where they do not.</summary>
internal sealed class OutputNumbers
{
    private readonly Func<string, string> _scale;
    private readonly string _range;
    private readonly int _zeroPointLeft;

    /// <param name="scale">Multiplier and shift of the filter with that index.</param>
    /// <param name="range">Zero point and bounds of the output.</param>
    /// <param name="zeroPointLeft">What is to be taken off each pixel.</param>
    private OutputNumbers(Func<string, string> scale, string range, int zeroPointLeft) => (_scale, _range, _zeroPointLeft) = (scale, range, zeroPointLeft);

    /// <summary>Of a convolution, every tap of whose windows is read: padding has the zero point's value.</summary>
    public static OutputNumbers Write(CModel model, string name, Conv2DOp op, ReadOnlySpan<sbyte> weights, CText text) => Write(
        model, name, (op.Input, op.Output), (op.Bias, op.Multipliers, op.Shifts), (op.Min, op.Max), weights, text);

    /// <summary>Writes the tables NAME_bias, NAME_multiplier and NAME_shift; the bias takes off the input's zero point, where int32 has room for it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="name">The layer's.</param>
    /// <param name="activations">What it reads and writes.</param>
    /// <param name="constants">The tensors of bias, multipliers and shifts.</param>
    /// <param name="range">Of the output.</param>
    /// <param name="weights">[filter][tap]; none where the zero point is to stay with the pixels.</param>
    /// <param name="text">Where to.</param>
    public static OutputNumbers Write(CModel model, string name, (int Input, int Output) activations, (int Bias, int Multipliers, int Shifts) constants,
        (int Min, int Max) range, ReadOnlySpan<sbyte> weights, CText text)
    {
        int[] multiplier = [.. model.Model.Int32Data(constants.Multipliers)], shift = [.. model.Model.Int32Data(constants.Shifts)];
        int zeroPoint = model.Info(activations.Input).ZeroPoint;
        int[] bias = model.Model.Int32Data(constants.Bias).ToArray();
        if (Folded(bias, weights, zeroPoint) is { } folded)
        {
            (bias, zeroPoint) = (folded, 0);
        }

        text.Table("int32_t", $"{name}_bias", bias);
        string clamp = $"{model.Info(activations.Output).ZeroPoint}, {range.Min}, {range.Max}";
        if (multiplier.Distinct().Count() == 1 && shift.Distinct().Count() == 1)
        {
            return new OutputNumbers(_ => $"{multiplier[0]}, {shift[0]}", clamp, zeroPoint);
        }

        text.Table("int32_t", $"{name}_multiplier", multiplier);
        text.Table("int8_t", $"{name}_shift", shift);
        return new OutputNumbers(index => $"{name}_multiplier[{index}], {name}_shift[{index}]", clamp, zeroPoint);
    }

    /// <summary>Whether the bias has taken off the input's zero point, so that products are of the pixels as they are.</summary>
    public bool IsFolded => _zeroPointLeft == 0;

    /// <summary>What a product takes of a pixel.</summary>
    public string Pixel(string pixel) => _zeroPointLeft == 0 ? pixel : $"({CModel.Minus(pixel, _zeroPointLeft)})";

    /// <summary>The C expression of an output byte.</summary>
    /// <param name="sum">The int32 accumulator.</param>
    /// <param name="index">Of the filter.</param>
    public string Requantize(string sum, string index) =>
        $"edgeconv_requantize({sum}, {_scale(index)}, {_range})";

    /// <summary>bias - zero point * sum of weights, or null where a sum on the way could leave int32.</summary>
    private static int[]? Folded(int[] bias, ReadOnlySpan<sbyte> weights, int zeroPoint)
    {
        if (weights.IsEmpty)
        {
            return null;
        }

        int taps = weights.Length / bias.Length;
        int[] folded = new int[bias.Length];
        for (int filter = 0; filter < bias.Length; filter++)
        {
            long sum = 0, size = 0;
            foreach (sbyte weight in weights.Slice(filter * taps, taps))
            {
                sum += weight;
                size += Math.Abs((int)weight);
            }

            long value = bias[filter] - zeroPoint * sum;
            if (Math.Abs(value) + 128 * size > int.MaxValue)
            {
                return null;
            }

            folded[filter] = (int)value;
        }

        return folded;
    }
}
