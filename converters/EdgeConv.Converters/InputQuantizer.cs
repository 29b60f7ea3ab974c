using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters;

/// <summary>The last step of a <see cref="PreprocessingRecord"/>: bytes that have the layout's size already to int8.</summary>
internal sealed class InputQuantizer(PreprocessingRecord record)
{
    private readonly sbyte[] _tables = record.Tables.ToArray();

    /// <summary>Tables[c * 256 + p] for each byte, HWC.</summary>
    public sbyte[] Run(byte[] hwc) => [.. hwc.Select((p, i) => _tables[(i % record.Layout.Channels * 256) + p])];
}
