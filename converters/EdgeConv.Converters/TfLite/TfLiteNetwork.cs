using EdgeConv.Converters.Quantization;

namespace EdgeConv.Converters.TfLite;

/// <summary>What a .tflite file gave.</summary>
/// <param name="Graph">The network.</param>
/// <param name="Notes">What was decided on the way and the user should know, a line each.</param>
public sealed record TfLiteNetwork(QuantizedGraph Graph, IReadOnlyList<string> Notes);
