namespace EdgeConv.Converters.TfLite.Schema;

/// <summary>What TFLite lets an operator do with its result.</summary>
internal enum FusedActivation
{
    None = 0,
    Relu = 1,
    ReluN1To1 = 2,
    Relu6 = 3,
    Tanh = 4,
    SignBit = 5,
}
