using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters;

/// <summary>A data set as a network sees it: pictures brought to the layout's size. Safe to use from several threads.</summary>
internal sealed class PictureSamples(IDataSet data, PictureInput picture)
{
    private readonly ThreadLocal<PictureResampler> _resampler = new(() => new PictureResampler(picture.Layout));

    /// <summary>Number of pictures.</summary>
    public int Count => data.Count;

    /// <summary>Class of a picture.</summary>
    public int Label(int index) => data.Label(index);

    /// <summary>Layout.ByteLength bytes, HWC.</summary>
    public byte[] Bytes(int index)
    {
        var bytes = new byte[picture.Layout.ByteLength];
        _resampler.Value!.Run(data.Load(index), bytes);
        return bytes;
    }

    /// <summary>That many indices, spread evenly over the data set.</summary>
    public static int[] Spread(int available, int wanted)
    {
        int count = Math.Min(available, wanted);
        return [.. Enumerable.Range(0, count).Select(i => (int)((long)i * available / count))];
    }
}
