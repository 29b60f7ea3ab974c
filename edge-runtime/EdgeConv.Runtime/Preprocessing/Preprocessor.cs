namespace EdgeConv.Runtime.Preprocessing;

/// <summary>Executes a <see cref="PictureLayout"/> in integers: crop, colour, resize. Allocates only when the source's size changes.</summary>
public sealed class PictureResampler
{
    /// <summary>For one layout.</summary>
    public PictureResampler(PictureLayout layout) => throw new NotImplementedException();

    /// <summary>Any picture to layout.Height x layout.Width x layout.Channels bytes, HWC.</summary>
    /// <exception cref="ArgumentException">The picture has no pixels or fewer bytes than its size says.</exception>
    public void Run(in Picture picture, Span<byte> output) => throw new NotImplementedException();
}

/// <summary>Executes a <see cref="PreprocessingRecord"/>: any picture to a model's int8 input, the same bytes on every device.</summary>
public sealed class Preprocessor
{
    /// <summary>For one model.</summary>
    public Preprocessor(PreprocessingRecord record) => throw new NotImplementedException();

    /// <summary>Any picture to int8 HWC.</summary>
    public void Run(in Picture picture, Span<sbyte> output) => throw new NotImplementedException();
}
