using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.Quantization;

/// <summary>
/// The values of a network while it is quantized, and the steps between int8 and int16: where a layer reads a value in the other
/// type, a requantization goes in front of it, once a value.
/// </summary>
internal sealed class TypeBorders(List<QuantizedNode> nodes, Ranges useful, ActivationScheme scheme)
{
    // (q - zero point) * 128 fits int16 whatever the zero point is, and a factor of 2^7 is exact.
    private const float WideStepsAStep = 128;

    private readonly Dictionary<(string Name, ElementType Type), QuantizedValue> _known = [];
    private readonly Dictionary<string, QuantizedValue> _original = [];

    /// <summary>Notes a value that a node, or the caller, supplies.</summary>
    public void Add(QuantizedValue value)
    {
        _known[(value.Name, value.Type)] = value;
        _original[value.Name] = value;
    }

    /// <summary>The value as it is.</summary>
    public QuantizedValue Original(string name) => _original[name];

    /// <summary>The value in a type; adds the node that brings it there.</summary>
    public QuantizedValue As(ElementType type, string name)
    {
        if (_known.TryGetValue((name, type), out QuantizedValue? value))
        {
            return value;
        }

        QuantizedValue from = _original[name];
        ActivationQuantization to = type == ElementType.Int16
            ? new ActivationQuantization(from.Quantization.Scale / WideStepsAStep, 0)
            : ActivationQuantization.FromRange(useful[name], scheme);
        string converted = $"{name}.{type.ToString().ToLowerInvariant()}";
        value = new QuantizedValue(converted, from.Shape, to) { Type = type };
        var factor = QuantizedMultiplier.From((double)from.Quantization.Scale / to.Scale);
        nodes.Add(new QuantizedNode(converted, new QuantizedRequantize(factor), [name], value));
        _known[(name, type)] = value;
        return value;
    }
}
