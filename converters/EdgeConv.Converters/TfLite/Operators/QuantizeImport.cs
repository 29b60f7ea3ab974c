using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Arithmetic;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.TfLite.Operators;

/// <summary>QUANTIZE and DEQUANTIZE: away at the ends of the network, another scale or type inside it.</summary>
internal static class QuantizeImport
{
    /// <summary>QUANTIZE.</summary>
    public static void Quantize(OperatorImport n)
    {
        if (n.Tensor(0).IsFloat && n.ReadsInput)
        {
            n.AliasInput();
            return;
        }

        (QuantizedValue x, QuantizedValue y) = (n.Steps(0), n.Result);
        if (x.Length != y.Length)
        {
            throw new UnsupportedOperatorException($"it takes {x.Shape.Text()} to {y.Shape.Text()}");
        }

        // From uint8 to int8 and back the steps are the same, 128 apart.
        if (x.Type == y.Type && x.Quantization == y.Quantization && x.Shape.SequenceEqual(y.Shape))
        {
            n.Alias(x);
            return;
        }

        QuantizedMultiplier factor = Multipliers.Of((double)x.Quantization.Scale / y.Quantization.Scale, "input scale / output scale");
        n.Emit(x.Type == ElementType.Int8 && y.Type == ElementType.Int8
            ? new QuantizedTable(UnaryTable.Rescaled(x.Quantization, y.Quantization, factor), new Activate(Activation.None))
            : new QuantizedRequantize(factor), x);
    }

    /// <summary>DEQUANTIZE of the network's result: the caller gets the steps. Where its float result is read, the reader is refused.</summary>
    public static void Dequantize(OperatorImport n) => n.Alias(n.Steps(0));
}
