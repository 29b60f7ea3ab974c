using System.Globalization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>The filters of a convolution or a fully connected layer: weights, ranges of sums, and what takes a sum to its byte.</summary>
internal sealed class NanoSums
{
    private readonly int[] _weights, _multiplier, _shift;
    private readonly long[] _bias;
    private readonly (long Least, long Most)[] _range;
    private readonly ThresholdScale? _scale;

    /// <param name="model">The model.</param>
    /// <param name="op">The layer.</param>
    /// <param name="constants">Tensors of weights, bias, multipliers and shifts.</param>
    /// <param name="bounds">Of the output.</param>
    public NanoSums(Model model, ModelOperator op, (int Weights, int Bias, int Multipliers, int Shifts) constants, (int Min, int Max) bounds)
    {
        ReadOnlySpan<sbyte> weights = model.Weights(constants.Weights);
        int[] bias = [.. model.Int32Data(constants.Bias)];
        int weightZero = model.Tensors[constants.Weights].ZeroPoint, inputZero = model.Tensors[op.Input].ZeroPoint;
        (Filters, Taps) = (bias.Length, weights.Length / bias.Length);
        (ZeroPoint, Min, Max) = (model.Tensors[op.Output].ZeroPoint, bounds.Min, bounds.Max);
        (_multiplier, _shift) = ([.. model.Int32Data(constants.Multipliers)], [.. model.Int32Data(constants.Shifts)]);
        _weights = new int[weights.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            _weights[i] = weights[i] - weightZero;
        }

        _range = new (long, long)[Filters];
        _bias = new long[Filters];
        for (int filter = 0; filter < Filters; filter++)
        {
            ReadOnlySpan<sbyte> own = weights.Slice(filter * Taps, Taps);
            _range[filter] = AccumulatorBound.Range(own, weightZero, 0);
            _bias[filter] = bias[filter] - (long)inputZero * _weights.AsSpan(filter * Taps, Taps).ToArray().Sum();
        }

        if (_bias.All(b => b == (int)b))
        {
            _scale = ThresholdScale.Solve([.. Enumerable.Range(0, Filters).Select(f =>
                new ThresholdScale.Filter(_multiplier[f], _shift[f], (int)_bias[f], _range[f].Least, _range[f].Most))], (ZeroPoint, Min, Max), factor: 1);
        }
    }

    /// <summary>How many.</summary>
    public int Filters { get; }

    /// <summary>Weights of each.</summary>
    public int Taps { get; }

    /// <summary>Of the output.</summary>
    public int ZeroPoint { get; }

    /// <summary>Lower bound of the output.</summary>
    public int Min { get; }

    /// <summary>Upper bound of the output.</summary>
    public int Max { get; }

    /// <summary>The numbers that equal the two roundings, or null.</summary>
    public ThresholdScale? Scale => _scale;

    /// <summary>How sums become bytes, as the fields of the firmware's loops: in a slot four numbers, whichever way it is.</summary>
    public string ScaleText(NanoBlob blob) => blob is NanoSlot
        ? $"IsSolved = {blob.Number(Scale is null ? 0 : 1)} != 0, Shift = {blob.Number(Scale?.Shift ?? 0)}, Offset = {blob.Number(Scale?.Offset ?? 0)}, ZeroPoint = {blob.Number(ZeroPoint)}"
        : Scale is { } solved ? $"IsSolved = true, Shift = {solved.Shift}, Offset = {solved.Offset}" : $"ZeroPoint = {ZeroPoint}";

    /// <summary>A weight, its zero point taken off.</summary>
    public int Weight(int filter, int tap) => _weights[filter * Taps + tap];

    /// <summary>Groups of filters that share their multiplications.</summary>
    /// <param name="first">The first filter.</param>
    /// <param name="count">How many.</param>
    /// <param name="most">Filters of a group at most.</param>
    public IReadOnlyList<LaneGroup> Groups(int first, int count, int most) =>
        LaneGroup.Pack([.. Enumerable.Range(first, count).Select(f => (f, _range[f].Least, _range[f].Most))], most);

    /// <summary>Operations that <see cref="Store"/> takes, about.</summary>
    public int StoreOps => _scale is null ? 85 : _scale.Lowered.Count == 0 ? 22 : 28;

    /// <summary>Bytes of it, about.</summary>
    public int StoreBytes => _scale is null ? 60 : 75;

    /// <summary>Lines that store a filter's byte.</summary>
    /// <param name="filter">Its index.</param>
    /// <param name="sum">A C# expression of its sum less <paramref name="least"/>: long, or int where <paramref name="least"/> is 0.</param>
    /// <param name="least">What has been taken off.</param>
    /// <param name="to">The element that gets it.</param>
    public string Store(int filter, string sum, long least, string to)
    {
        if (_scale is null)
        {
            long bias = _bias[filter] + least;
            return string.Create(CultureInfo.InvariantCulture,
                $"{to} = Requantizer.ToInt8((int)({sum} + {NanoText.Number(bias)}), {_multiplier[filter]}, {_shift[filter]}, {ZeroPoint}, {Min}, {Max});");
        }

        long constant = _scale.Constants[filter] + least * _scale.Multipliers[filter];
        (long lowest, long highest) = (_range[filter].Least, _range[filter].Most);
        string product = string.Create(CultureInfo.InvariantCulture, $"{sum} * {_scale.Multipliers[filter]}L + {NanoText.Number(constant)}");
        string lines;
        if (_scale.Lowered.Count == 0)
        {
            lines = $"r = (int)(({product}) >> {32 + _scale.Shift});\n";
        }
        else
        {
            long lowered = _scale.Lowered[filter];
            lines = lowered == 0 ? $"m = {product};\n" : string.Create(CultureInfo.InvariantCulture, $"m = {product};\nif (m < 0) m -= {lowered}L;\n");
            lines += string.Create(CultureInfo.InvariantCulture, $"r = ((int)(m >> 32) + {NanoText.Number(_scale.Offset)}) >> {_scale.Shift};\n");
        }

        // A clamp that no sum reaches is left out.
        string below = Unclamped(filter, lowest) < Min ? $"if (r < {Min}) r = {Min};" : "", above = Unclamped(filter, highest) > Max ? $"if (r > {Max}) r = {Max};" : "";
        string clamp = below.Length > 0 && above.Length > 0 ? $"{below}\nelse {above}\n" : below.Length + above.Length > 0 ? $"{below}{above}\n" : "";
        return $"{lines}{clamp}{to} = (sbyte)r;";
    }

    /// <summary>The table of all filters, as <c>OutputScales</c> of the firmware reads it.</summary>
    /// <param name="blob">Gets it.</param>
    /// <param name="filter">The one.</param>
    /// <param name="least">What is taken off its sum.</param>
    public void WriteRecord(NanoBlob blob, int filter, long least)
    {
        if (_scale is null)
        {
            blob.Add(_bias[filter] + least).Add(_multiplier[filter]).Add(_shift[filter]);
            return;
        }

        blob.Add(_scale.Constants[filter] + least * _scale.Multipliers[filter]).Add(_scale.Multipliers[filter])
            .Add(unchecked((int)(uint)(_scale.Lowered.Count == 0 ? 0 : _scale.Lowered[filter])));
    }

    private long Unclamped(int filter, long sum)
    {
        long product = sum * _scale!.Multipliers[filter] + _scale.Constants[filter];
        return ((product - (product < 0 && _scale.Lowered.Count > 0 ? _scale.Lowered[filter] : 0)) >> 32) + _scale.Offset >> _scale.Shift;
    }
}
