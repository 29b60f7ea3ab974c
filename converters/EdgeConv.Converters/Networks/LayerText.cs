using System.Globalization;

namespace EdgeConv.Converters.Networks;

/// <summary>Phrases that several layers share.</summary>
internal static class LayerText
{
    /// <summary>Stride and padding as a network file has them; nothing where they are 1 and 0.</summary>
    public static string Window(int stride, int padding) =>
        (stride == 1 ? "" : $" stride {stride}") + (padding == 0 ? "" : $" pad {padding}");

    /// <summary>6 * (5*5*1 + 1) = 156 parameters.</summary>
    public static string Learnt(int outputs, string fanIn, int values, bool bias) => string.Create(CultureInfo.InvariantCulture,
        $"{outputs} * ({fanIn}{(bias ? " + 1" : "")}) = {(long)outputs * (values + (bias ? 1 : 0)):N0} parameters");

    /// <summary>28*28*6 * 25 = 117,600 MACs.</summary>
    public static string Computed(FeatureShape output, int fanIn)
    {
        string outputs = output.IsVector ? $"{output.Channels}" : $"{output.Height}*{output.Width}*{output.Channels}";
        return string.Create(CultureInfo.InvariantCulture, $"{outputs} * {fanIn} = {(long)output.Length * fanIn:N0} MACs");
    }

    /// <summary>A number without noise.</summary>
    public static string Number(float value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
