namespace EdgeConv.Runtime;

/// <summary>An input with the bytes that every device must answer, so that a board can test itself.</summary>
/// <param name="Input">Bytes of the input tensor.</param>
/// <param name="Output">Bytes of the output tensor.</param>
/// <param name="LayerHashes">CRC-32C of each operator's output bytes, in the order of <see cref="Model.Operators"/>.</param>
public sealed record GoldenVector(ReadOnlyMemory<sbyte> Input, ReadOnlyMemory<sbyte> Output, IReadOnlyList<uint> LayerHashes);
