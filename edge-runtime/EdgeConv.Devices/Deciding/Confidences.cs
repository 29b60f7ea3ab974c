using EdgeConv.Runtime;

namespace EdgeConv.Devices.Deciding;

/// <summary>How sure a model is of each class, from 0 to 1 with a sum of 1.</summary>
public static class Confidences
{
    /// <summary>Dequantizes a model's output; a model without a softmax of its own gets one here.</summary>
    /// <param name="model">The model.</param>
    /// <param name="output">The bytes of its output tensor.</param>
    /// <param name="confidences">One a class.</param>
    public static void Read(Model model, ReadOnlySpan<sbyte> output, Span<float> confidences)
    {
        for (int i = 0; i < confidences.Length; i++)
        {
            confidences[i] = model.Output.Dequantize(output, i);
        }

        if (model.Operators[^1] is not (SoftmaxOp or WideSoftmaxOp))
        {
            Softmax(confidences);
        }
    }

    /// <summary>Name of a class, or its number where the model carries no names.</summary>
    public static string Label(Model model, int index) => index < model.Labels.Count ? model.Labels[index] : $"class {index}";

    /// <summary>exp(x - max) / sum, in place.</summary>
    public static void Softmax(Span<float> values)
    {
        float max = values[Best(values)];
        double sum = 0;
        foreach (ref float value in values)
        {
            value = MathF.Exp(value - max);
            sum += value;
        }

        foreach (ref float value in values)
        {
            value = (float)(value / sum);
        }
    }

    /// <summary>Index of the largest, the first of equals.</summary>
    public static int Best(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            best = values[i] > values[best] ? i : best;
        }

        return best;
    }
}
