using EdgeConv.Converters.Data;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Visualization;

/// <summary>The pictures of a data set as a network sees them: cropped and resized, but still pictures.</summary>
/// <param name="data">The data set.</param>
/// <param name="layout">The network's layout.</param>
internal sealed class ShownPictures(IDataSet data, PictureLayout layout)
{
    private readonly PictureResampler _resampler = new(layout);

    /// <summary>The network's layout.</summary>
    public PictureLayout Layout => layout;

    /// <summary>Bytes for the network, HWC in the layout's order of colours.</summary>
    public byte[] Bytes(in Picture picture)
    {
        byte[] bytes = new byte[layout.ByteLength];
        _resampler.Run(picture, bytes);
        return bytes;
    }

    /// <summary>The same of a picture of the data set.</summary>
    public byte[] Bytes(int index) => Bytes(data.Load(index));

    /// <summary>Red, green and blue of the network's bytes.</summary>
    public byte[] Colors(byte[] bytes)
    {
        byte[] colors = new byte[layout.Width * layout.Height * 3];
        for (int i = 0; i < colors.Length; i++)
        {
            (int pixel, int channel) = (i / 3, i % 3);
            colors[i] = layout.Color switch
            {
                ColorOrder.Gray => bytes[pixel],
                ColorOrder.Bgr => bytes[(pixel * 3) + 2 - channel],
                _ => bytes[i],
            };
        }

        return colors;
    }
}
