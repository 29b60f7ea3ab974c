using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters;

/// <summary>The last step of a <see cref="PreprocessingRecord"/>: bytes that have the layout's size already to the input tensor's bytes.</summary>
internal sealed class InputQuantizer(PreprocessingRecord record)
{
    private readonly sbyte[] _tables = record.Tables.ToArray();

    /// <summary>Entry c * 256 + p for each byte, HWC.</summary>
    public sbyte[] Run(ReadOnlySpan<byte> hwc)
    {
        int entryBytes = record.EntryBytes;
        var input = new sbyte[hwc.Length * entryBytes];
        for (int i = 0; i < hwc.Length; i++)
        {
            int entry = (i % record.Layout.Channels * PreprocessingRecord.EntriesAChannel) + hwc[i];
            _tables.AsSpan(entry * entryBytes, entryBytes).CopyTo(input.AsSpan(i * entryBytes));
        }

        return input;
    }
}
