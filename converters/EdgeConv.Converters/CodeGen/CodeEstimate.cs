using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>Flash that is not tables, about: the compiler decides. Measured with GCC 12 at -O2 on the networks of the tests.</summary>
internal static class CodeEstimate
{
    /// <summary>Bytes of a layer.</summary>
    public const int Layer = 900;

    /// <summary>Bytes of what all models have, and of the golden vector.</summary>
    public static int Rest(Model model) => 1024 + (model.GoldenVectors.Count > 0 ? model.Input.ByteLength + model.Operators.Count * sizeof(uint) : 0);
}
