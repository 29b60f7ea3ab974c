using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// What a layer begins its sums with, and what takes them to int8: one multiply-add and a shift where <see cref="ThresholdScale"/> has proven that
/// they give the same, else bias and two roundings. Tables where filters differ, numbers where they do not.
/// </summary>
internal sealed class OutputNumbers
{
    private readonly string _name;
    private readonly int[] _bias, _multiplier, _shift;
    private readonly (int ZeroPoint, int Min, int Max) _range;
    private readonly int _zeroPointLeft;
    private readonly bool _hasBias;
    private readonly ThresholdScale? _scale;

    /// <summary>Of a convolution, every tap of whose windows is read: padding has the zero point's value.</summary>
    /// <param name="model">The model.</param>
    /// <param name="op">The layer.</param>
    /// <param name="factor">Sums come as this many times what they are.</param>
    public OutputNumbers(CModel model, Conv2DOp op, int factor = 1) : this(
        model, op, (op.Bias, op.Multipliers, op.Shifts), (op.Min, op.Max), model.Model.Weights(op.Weights), factor)
    {
    }

    /// <summary>The input's zero point is taken off by the bias, where int32 has room for it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="op">The layer.</param>
    /// <param name="constants">The tensors of bias, multipliers and shifts.</param>
    /// <param name="bounds">Of the output.</param>
    /// <param name="weights">[filter][tap]; none where the zero point is to stay with the pixels.</param>
    /// <param name="factor">Sums come as this many times what they are.</param>
    public OutputNumbers(CModel model, ModelOperator op, (int Bias, int Multipliers, int Shifts) constants, (int Min, int Max) bounds,
        ReadOnlySpan<sbyte> weights, int factor = 1)
    {
        (_name, _range) = (model.Name(op), (model.Info(op.Output).ZeroPoint, bounds.Min, bounds.Max));
        (_multiplier, _shift) = ([.. model.Model.Int32Data(constants.Multipliers)], [.. model.Model.Int32Data(constants.Shifts)]);
        _zeroPointLeft = model.Info(op.Input).ZeroPoint;
        (_bias, _hasBias) = (model.Model.Int32Data(constants.Bias).ToArray(), true);
        if (BiasFolding.Fold(_bias, weights, _zeroPointLeft) is { } folded)
        {
            (_bias, _zeroPointLeft, IsFolded) = (folded, 0, true);
            _scale = ThresholdScale.Solve([.. Filters(weights)], _range, factor);
        }
    }

    /// <summary>Of a layer with one scale and no bias.</summary>
    /// <param name="model">The model.</param>
    /// <param name="op">The layer.</param>
    /// <param name="factor">The scale.</param>
    /// <param name="bounds">Of the output.</param>
    /// <param name="values">Between what the values lie that are scaled.</param>
    public OutputNumbers(CModel model, ModelOperator op, QuantizedMultiplier factor, (int Min, int Max) bounds, (long Least, long Most) values)
    {
        (_name, _range, _bias) = (model.Name(op), (model.Info(op.Output).ZeroPoint, bounds.Min, bounds.Max), [0]);
        (_multiplier, _shift) = ([factor.Multiplier], [factor.Shift]);
        _scale = ThresholdScale.Solve([new(factor.Multiplier, factor.Shift, 0, values.Least, values.Most)], _range, factor: 1);
    }

    private OutputNumbers(OutputNumbers other) => (_name, _bias, _multiplier, _shift, _range, _zeroPointLeft, _hasBias, _scale, IsFolded) =
        (other._name, other._bias, other._multiplier, other._shift, other._range, other._zeroPointLeft, other._hasBias, other._scale, other.IsFolded);

    /// <summary>Whether the bias has taken off the input's zero point, so that products are of pixels and weights as they are.</summary>
    public bool IsFolded { get; }

    /// <summary>Whether sums begin with 0 and one multiply-add takes them to int8.</summary>
    public bool IsSolved => _scale is not null;

    /// <summary>Whether assembly reads the table NAME_step, which is then written even where one multiplier serves all filters.</summary>
    public bool HasSteps { get; private init; }

    /// <summary>The same with that table.</summary>
    public OutputNumbers WithSteps() => new(this) { HasSteps = true };

    /// <summary>The shift where nothing but multiply-add, shift and saturation takes a sum to its byte; else null.</summary>
    public int? OneShift => _scale is { Lowered.Count: 0 } && (_range.Min, _range.Max) == (sbyte.MinValue, sbyte.MaxValue) ? _scale.Shift : null;

    /// <summary>Bytes of the tables.</summary>
    public int TableBytes => _scale is not null
        ? _bias.Length * (sizeof(long) + (IsOne(_scale.Multipliers) && !HasSteps ? 0 : sizeof(int)) + (IsOne(_scale.Lowered) ? 0 : sizeof(uint)))
        : _bias.Length * (sizeof(int) + (IsOne(_multiplier) && IsOne(_shift) ? 0 : sizeof(int) + sizeof(sbyte)));

    /// <summary>Whether vectors of sums can be taken to int8 by the two roundings: no shift to the left, and the zero point is in the bias.</summary>
    public bool HasVectors => IsFolded && _shift.All(shift => shift <= 0);

    /// <summary>The instructions for that.</summary>
    public VectorOutput Vectors => new(_range.ZeroPoint, _range.Min, _range.Max);

    /// <summary>Bytes of the table for that.</summary>
    public int VectorTableBytes => VectorOutput.Bytes(_bias.Length);

    /// <summary>The table NAME_numbers for that.</summary>
    public void WriteVectors(CText text) => text.Table("int32_t", $"{_name}_numbers", VectorOutput.Numbers(_bias, _multiplier, _shift));

    /// <summary>Instructions that a sum takes on its way to a byte, about.</summary>
    public int Instructions => _scale is null ? 20 : _scale.Lowered.Count == 0 ? 7 : 12;

    /// <summary>What a function of sums wants to know of the bias, as a parameter: nothing where it is in the constants.</summary>
    public string BiasParameter => IsSolved ? "" : ", const int32_t *bias";

    /// <summary>The argument for it.</summary>
    /// <param name="index">Of the first filter.</param>
    public string BiasArgument(string index) => IsSolved ? "" : $", {_name}_bias + {index}";

    /// <summary>What a sum begins with, in a function that has the parameter.</summary>
    public string Start(int filter) => IsSolved ? "0" : $"bias[{filter}]";

    /// <summary>What a sum begins with, elsewhere.</summary>
    public string StartAt(string index) => IsSolved ? "0" : $"{_name}_bias[{index}]";

    /// <summary>What a product takes of a pixel.</summary>
    public string Pixel(string pixel) => _zeroPointLeft == 0 ? pixel : $"({CModel.Minus(pixel, _zeroPointLeft)})";

    /// <summary>The C expression of an output byte.</summary>
    /// <param name="sum">The int32 accumulator.</param>
    /// <param name="index">Of the filter.</param>
    public string Byte(string sum, string index) => $"{_name}_byte({sum}, {index})";

    /// <summary>The tables, and the function NAME_byte.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="unless">A macro with which assembly does what the function does; else null.</param>
    public void Write(CText text, string? unless = null)
    {
        if (_scale is not null)
        {
            WriteSolved(_scale, text, unless);
            return;
        }

        if (_hasBias)
        {
            text.Table("int32_t", $"{_name}_bias", _bias);
        }

        bool isOne = IsOne(_multiplier) && IsOne(_shift);
        if (!isOne)
        {
            text.Table("int32_t", $"{_name}_multiplier", _multiplier);
            text.Table("int8_t", $"{_name}_shift", _shift);
        }

        string scale = isOne ? $"{_multiplier[0]}, {_shift[0]}" : $"{_name}_multiplier[filter], {_name}_shift[filter]";
        Function($"    {(isOne ? "(void)filter;\n    " : "")}return edgeconv_requantize(sum, {scale}, {_range.ZeroPoint}, {_range.Min}, {_range.Max});", text);
    }

    private void WriteSolved(ThresholdScale scale, CText text, string? unless)
    {
        string multiplier = $"{scale.Multipliers[0]}", constant = $"{_name}_constant[filter]";
        if (IsOne(scale.Multipliers) && !HasSteps)
        {
            text.Table("int64_t", $"{_name}_constant", scale.Constants);
        }
        else
        {
            text.Table("edgeconv_step", $"{_name}_step", [.. scale.Multipliers.Zip(scale.Constants, (m, c) => new Step(m, c))]);
            (multiplier, constant) = ($"{_name}_step[filter].multiplier", $"edgeconv_constant(&{_name}_step[filter])");
        }

        string high = $"edgeconv_high_word(sum, {multiplier}, {constant})";
        if (scale.Lowered.Count > 0)
        {
            bool isOne = IsOne(scale.Lowered);
            if (!isOne)
            {
                text.Table("uint32_t", $"{_name}_lowered", [.. scale.Lowered.Select(value => (uint)value)]);
            }

            high = $"edgeconv_high_word_away(sum, {multiplier}, {constant}, {(isOne ? $"UINT32_C({scale.Lowered[0]})" : $"{_name}_lowered[filter]")}) + {scale.Offset}";
        }

        string result = (_range.Min, _range.Max) == (sbyte.MinValue, sbyte.MaxValue) ? "value" : $"edgeconv_clamp(value, {_range.Min}, {_range.Max})";
        Function($"""
                int32_t value;
                EDGECONV_TO_INT8(value, {high}, {scale.Shift});
                return (int8_t){result};
            """, text, unless);
    }

    private void Function(string lines, CText text, string? unless = null)
    {
        string function = $$"""
            static inline int8_t {{_name}}_byte(int32_t sum, int32_t filter)
            {
            {{lines}}
            }
            """;
        text.Add(unless is null ? function : $"#if !defined({unless})\n{function}\n#endif");
    }

    private IEnumerable<ThresholdScale.Filter> Filters(ReadOnlySpan<sbyte> weights)
    {
        int taps = weights.Length / _bias.Length;
        ThresholdScale.Filter[] filters = new ThresholdScale.Filter[_bias.Length];
        for (int i = 0; i < filters.Length; i++)
        {
            (long least, long most) = AccumulatorBound.Range(weights.Slice(i * taps, taps), 0, 0);
            filters[i] = new(_multiplier[i], _shift[i], _bias[i], least, most);
        }

        return filters;
    }

    private static bool IsOne<T>(IReadOnlyList<T> values) => values.Count == 0 || values.All(value => Equals(value, values[0]));

    /// <summary>A row of the table of steps: { multiplier, low word, high word }.</summary>
    private readonly record struct Step(int Multiplier, long Constant) : IFormattable
    {
        public string ToString(string? format, IFormatProvider? provider) =>
            string.Create(provider, $"{{ {Multiplier}, {(uint)Constant}u, {(int)(Constant >> 32)} }}");
    }
}
