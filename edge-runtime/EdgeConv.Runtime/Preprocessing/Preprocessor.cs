using System.Runtime.InteropServices;

namespace EdgeConv.Runtime.Preprocessing;

/// <summary>
/// Executes a <see cref="PreprocessingRecord"/>: any picture to a model's input, the same bytes on every device. Not for several
/// threads at once.
/// </summary>
public sealed class Preprocessor
{
    private readonly PictureResampler _resampler;
    private readonly sbyte[] _tables;
    private readonly byte[] _bytes;
    private readonly int _channels;
    private readonly int _entryBytes;

    /// <summary>For one model.</summary>
    public Preprocessor(PreprocessingRecord record)
    {
        _resampler = new PictureResampler(record.Layout);
        _tables = record.Tables.ToArray();
        _bytes = new byte[record.Layout.ByteLength];
        _channels = record.Layout.Channels;
        _entryBytes = record.EntryBytes;
    }

    /// <summary>Any picture to int8 or int16 HWC.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="output">The input tensor's bytes: Height x Width x Channels of the layout, two an element where it is int16.</param>
    /// <exception cref="ArgumentException">The picture has no pixels or too few bytes, or the output has another length.</exception>
    public void Run(in Picture picture, Span<sbyte> output) => Run(picture, new PictureRegion(0, 0, picture.Width, picture.Height), output);

    /// <summary>A part of a picture, as if it had been cut out before.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="region">Which part.</param>
    /// <param name="output">As for a whole picture.</param>
    /// <exception cref="ArgumentException">As for a whole picture, or the region is empty or not in it.</exception>
    public void Run(in Picture picture, in PictureRegion region, Span<sbyte> output)
    {
        if (output.Length != _bytes.Length * _entryBytes)
        {
            throw new ArgumentException($"found room for {output.Length} bytes, the model's input has {_bytes.Length * _entryBytes}", nameof(output));
        }

        _resampler.Run(picture, region, _bytes);
        if (_entryBytes == 1)
        {
            LookUp<sbyte>(_tables, output);
        }
        else
        {
            LookUp<short>(MemoryMarshal.Cast<sbyte, short>(_tables.AsSpan()), MemoryMarshal.Cast<sbyte, short>(output));
        }
    }

    private void LookUp<T>(ReadOnlySpan<T> tables, Span<T> output)
    {
        for (int i = 0; i < output.Length; i++)
        {
            output[i] = tables[i % _channels * PreprocessingRecord.EntriesAChannel + _bytes[i]];
        }
    }
}
