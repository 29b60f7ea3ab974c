using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters.Graphs;

/// <summary>From the bytes of a picture to the float input of a network.</summary>
public static class PictureTensor
{
    /// <summary>(p / 255 - Mean[c]) / Deviation[c] for each byte.</summary>
    /// <param name="picture">The network's preprocessing.</param>
    /// <param name="hwc">Layout.ByteLength bytes, as <see cref="PictureResampler"/> writes them.</param>
    /// <returns>NHWC floats.</returns>
    public static float[] ToFloat(PictureInput picture, ReadOnlySpan<byte> hwc)
    {
        if (hwc.Length != picture.Layout.ByteLength)
        {
            throw new ArgumentException($"{hwc.Length} bytes; the layout has {picture.Layout.ByteLength}.", nameof(hwc));
        }

        int channels = picture.Layout.Channels;
        var values = new float[hwc.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)Normalize(picture, i % channels, hwc[i]);
        }

        return values;
    }

    /// <summary>(p / 255 - Mean[c]) / Deviation[c].</summary>
    internal static double Normalize(PictureInput picture, int channel, int p) =>
        ((p / 255.0) - picture.Mean[channel]) / picture.Deviation[channel];

    /// <summary>Checks that the preprocessing makes sense and fits the network's input.</summary>
    /// <exception cref="ConversionException">It does not.</exception>
    internal static void Check(PictureInput picture, Value input)
    {
        PictureLayout layout = picture.Layout;
        if (!input.Shape.SequenceEqual([1, layout.Height, layout.Width, layout.Channels]))
        {
            throw new ConversionException($"The preprocessing makes {layout.Height}x{layout.Width}x{layout.Channels} pictures (HWC), but "
                + $"the network's input '{input.Name}' is {input.Shape.Text()} (NHWC).");
        }

        if (picture.Mean.Length != layout.Channels || picture.Deviation.Length != layout.Channels
            || !picture.Mean.All(float.IsFinite) || !picture.Deviation.All(d => float.IsFinite(d) && d > 0))
        {
            throw new ConversionException($"The preprocessing needs a mean and a positive deviation for each of {layout.Channels} "
                + $"channels; found mean {picture.Mean.Text()}, deviation {picture.Deviation.Text()}.");
        }
    }
}
