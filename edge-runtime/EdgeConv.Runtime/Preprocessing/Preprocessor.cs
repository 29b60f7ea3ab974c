namespace EdgeConv.Runtime.Preprocessing;

/// <summary>
/// Executes a <see cref="PreprocessingRecord"/>: any picture to a model's int8 input, the same bytes on every device. Not for several
/// threads at once.
/// </summary>
public sealed class Preprocessor
{
    private readonly PictureResampler _resampler;
    private readonly sbyte[] _tables;
    private readonly byte[] _bytes;
    private readonly int _channels;

    /// <summary>For one model.</summary>
    public Preprocessor(PreprocessingRecord record)
    {
        _resampler = new PictureResampler(record.Layout);
        _tables = record.Tables.ToArray();
        _bytes = new byte[record.Layout.ByteLength];
        _channels = record.Layout.Channels;
    }

    /// <summary>Any picture to int8 HWC.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="output">Height x Width x Channels of the layout.</param>
    /// <exception cref="ArgumentException">The picture has no pixels or too few bytes, or the output has another length.</exception>
    public void Run(in Picture picture, Span<sbyte> output)
    {
        if (output.Length != _bytes.Length)
        {
            throw new ArgumentException($"found room for {output.Length} bytes, the model's input has {_bytes.Length}", nameof(output));
        }

        _resampler.Run(picture, _bytes);
        for (int i = 0; i < output.Length; i++)
        {
            output[i] = _tables[i % _channels * 256 + _bytes[i]];
        }
    }
}
