using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// What a layer of int16 activations begins its sums with, how wide they have to be, and what takes them to int16. Sums are int32 wherever no
/// input can take one further: the weights say so. The rule is that of the bias's type all the same.
/// </summary>
internal sealed class WideNumbers
{
    private readonly string _name;
    private readonly bool _isInt64Rule;
    private readonly long[] _bias;
    private readonly int[] _multipliers, _shifts;
    private readonly (int Min, int Max) _range;

    /// <param name="model">The model.</param>
    /// <param name="op">The layer.</param>
    /// <param name="constants">The tensors of weights, bias, multipliers and shifts.</param>
    /// <param name="range">Of the output.</param>
    public WideNumbers(CModel model, ModelOperator op, (int Weights, int Bias, int Multipliers, int Shifts) constants, (int Min, int Max) range)
    {
        (_name, _range) = (model.Name(op), range);
        _isInt64Rule = model.Info(constants.Bias).Type == ElementType.Int64;
        _bias = _isInt64Rule ? model.Model.Int64Data(constants.Bias).ToArray() : [.. model.Model.Int32Data(constants.Bias).ToArray().Select(b => (long)b)];
        (_multipliers, _shifts) = ([.. model.Model.Int32Data(constants.Multipliers)], [.. model.Model.Int32Data(constants.Shifts)]);
        if (_isInt64Rule)
        {
            // The rule's own numbers: 15 bits of the multiplier, and one shift to the right.
            _multipliers = [.. _multipliers.Select(Requantizer.Reduced)];
            _shifts = [.. _shifts.Select(shift => 15 - shift)];
        }

        SumType = FitInt32(model, constants.Weights) ? "int32_t" : "int64_t";
    }

    /// <summary>int32_t, or int64_t where a sum might not fit that.</summary>
    public string SumType { get; }

    /// <summary>Bytes of the tables.</summary>
    public int TableBytes => _bias.Length * ((IsNarrowBias ? sizeof(int) : sizeof(long)) + (IsOne ? 0 : (_isInt64Rule ? sizeof(short) : sizeof(int)) + 1));

    private bool IsNarrowBias => _bias.All(b => b == (int)b);

    private bool IsOne => _multipliers.Distinct().Count() == 1 && _shifts.Distinct().Count() == 1;

    /// <summary>Writes the tables NAME_bias, NAME_multiplier and NAME_shift.</summary>
    public void Write(CText text)
    {
        if (IsNarrowBias)
        {
            text.Table("int32_t", $"{_name}_bias", [.. _bias.Select(b => (int)b)]);
        }
        else
        {
            text.Table("int64_t", $"{_name}_bias", _bias);
        }

        if (!IsOne)
        {
            text.Table(_isInt64Rule ? "int16_t" : "int32_t", $"{_name}_multiplier", _multipliers);
            text.Table("int8_t", $"{_name}_shift", _shifts);
        }
    }

    /// <summary>What the sum of a filter begins with.</summary>
    /// <param name="index">Of the filter, in C.</param>
    public string StartAt(string index) => $"{_name}_bias[{index}]";

    /// <summary>The C expression of an output element.</summary>
    /// <param name="sum">The whole sum.</param>
    /// <param name="index">Of the filter.</param>
    public string Element(string sum, string index)
    {
        string scale = IsOne ? $"{_multipliers[0]}, {_shifts[0]}" : $"{_name}_multiplier[{index}], {_name}_shift[{index}]";
        return _isInt64Rule
            ? $"edgeconv_requantize_wide_sum({sum}, {scale}, {_range.Min}, {_range.Max})"
            : $"edgeconv_requantize_wide({sum}, {scale}, 0, {_range.Min}, {_range.Max})";
    }

    private bool FitInt32(CModel model, int weights)
    {
        ReadOnlySpan<sbyte> all = model.Model.Weights(weights);
        int taps = all.Length / _bias.Length;
        for (int filter = 0; filter < _bias.Length; filter++)
        {
            if (AccumulatorBound.OfInt16(all.Slice(filter * taps, taps), model.Info(weights).ZeroPoint, _bias[filter]) > int.MaxValue)
            {
                return false;
            }
        }

        return true;
    }
}
