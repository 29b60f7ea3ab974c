using System.Runtime.CompilerServices;

namespace EdgeConv.Runtime.Preprocessing;

/// <summary>
/// Executes a <see cref="PictureLayout"/> in integers: crop, colour, resize, in this order of meaning. Allocates only when the source's
/// size changes. Not for several threads at once.
/// </summary>
public sealed class PictureResampler(PictureLayout layout)
{
    private Axis[] _columns = [];
    private Axis[] _rows = [];
    private (int Width, int Height) _source;
    private (int Left, int Top, int Width, int Height) _crop;

    /// <summary>Any picture to layout.Height x layout.Width x layout.Channels bytes, HWC.</summary>
    /// <exception cref="ArgumentException">The picture has no pixels, fewer bytes than its size says, or the output has another length.</exception>
    public void Run(in Picture picture, Span<byte> output)
    {
        if (picture.Width < 1 || picture.Height < 1)
        {
            throw new ArgumentException($"found a picture of {picture.Width}x{picture.Height} pixels, expected at least 1x1", nameof(picture));
        }

        long needed = (long)picture.Width * picture.Height * picture.Format.BytesPerPixel();
        if (picture.Pixels.Length < needed)
        {
            throw new ArgumentException(
                $"found {picture.Pixels.Length} bytes, a {picture.Width}x{picture.Height} picture of {picture.Format} has {needed}", nameof(picture));
        }

        if (output.Length != layout.ByteLength)
        {
            throw new ArgumentException($"found room for {output.Length} bytes, the layout gives {layout.ByteLength}", nameof(output));
        }

        Prepare(picture.Width, picture.Height);
        var source = new Source(picture, layout.Color);
        int at = 0;
        foreach (Axis row in _rows)
        {
            foreach (Axis column in _columns)
            {
                for (int c = 0; c < layout.Channels; c++)
                {
                    output[at++] = layout.Resize switch
                    {
                        Resize.Area => Area(source, row, column, c),
                        Resize.Bilinear => Bilinear(source, row, column, c),
                        _ => source[column.First, row.First, c],
                    };
                }
            }
        }
    }

    /// <summary>Exact mean: a source pixel counts by the whole-number area it shares with the output pixel, halves round up.</summary>
    private byte Area(in Source source, in Axis row, in Axis column, int c)
    {
        long sum = 0;
        for (int y = row.First; y <= row.Last; y++)
        {
            long line = 0;
            for (int x = column.First; x <= column.Last; x++)
            {
                line += source[x, y, c] * column.Overlap(x, _crop.Left, layout.Width, _crop.Width);
            }

            sum += line * row.Overlap(y, _crop.Top, layout.Height, _crop.Height);
        }

        long area = (long)_crop.Width * _crop.Height;
        return (byte)((2 * sum + area) / (2 * area));
    }

    /// <summary>Weights of 11 bits an axis, one rounding at the end, halves up.</summary>
    private static byte Bilinear(in Source source, in Axis row, in Axis column, int c)
    {
        int top = source[column.First, row.First, c] * (2048 - column.Weight) + source[column.Last, row.First, c] * column.Weight;
        int bottom = source[column.First, row.Last, c] * (2048 - column.Weight) + source[column.Last, row.Last, c] * column.Weight;
        return (byte)((top * (2048 - row.Weight) + bottom * row.Weight + (1 << 21)) >> 22);
    }

    private void Prepare(int width, int height)
    {
        if (_source == (width, height))
        {
            return;
        }

        _source = (width, height);
        _crop = CropRectangle(width, height);
        _columns = Axis.All(_crop.Left, _crop.Width, layout.Width, layout.Resize);
        _rows = Axis.All(_crop.Top, _crop.Height, layout.Height, layout.Resize);
    }

    private (int Left, int Top, int Width, int Height) CropRectangle(int width, int height)
    {
        if (layout.Crop == Crop.Stretch)
        {
            return (0, 0, width, height);
        }

        // the largest rectangle of the layout's aspect, never empty, rounded down, centred with the odd pixel at the end
        long wide = (long)height * layout.Width, high = (long)width * layout.Height;
        int cropW = wide < high ? Math.Max(1, (int)(wide / layout.Height)) : width;
        int cropH = high < wide ? Math.Max(1, (int)(high / layout.Width)) : height;
        return ((width - cropW) / 2, (height - cropH) / 2, cropW, cropH);
    }

    /// <summary>What one output row or column reads of the source.</summary>
    /// <param name="Index">Output row or column.</param>
    /// <param name="First">First source row or column.</param>
    /// <param name="Last">Last one.</param>
    /// <param name="Weight">Share of the last in 2048ths (bilinear).</param>
    private readonly record struct Axis(int Index, int First, int Last, int Weight)
    {
        public static Axis[] All(int start, int size, int outputs, Resize resize)
        {
            var axes = new Axis[outputs];
            for (int i = 0; i < outputs; i++)
            {
                axes[i] = resize switch
                {
                    Resize.Area => new(i, start + (int)((long)i * size / outputs), start + (int)(((long)(i + 1) * size - 1) / outputs), 0),
                    Resize.Bilinear => Neighbours(i, start, size, outputs),
                    _ => new(i, start + (int)((2L * i + 1) * size / (2L * outputs)), 0, 0),
                };
            }

            return axes;
        }

        /// <summary>Length that source pixel x shares with this output pixel, where a source pixel is `outputs` long and an output pixel `size`.</summary>
        public long Overlap(int x, int start, int outputs, int size)
        {
            long from = Math.Max((long)(x - start) * outputs, (long)Index * size);
            return Math.Min((long)(x - start + 1) * outputs, (long)(Index + 1) * size) - from;
        }

        /// <summary>The centre of output pixel i lies at (i + 1/2) * size / outputs - 1/2 of the source, clamped to its edge pixels.</summary>
        private static Axis Neighbours(int i, int start, int size, int outputs)
        {
            long position = Math.Clamp(((2L * i + 1) * size * 1024 + outputs / 2) / outputs - 1024, 0, (size - 1) * 2048L);
            int first = (int)(position >> 11);
            return new(i, start + first, start + Math.Min(first + 1, size - 1), (int)(position & 2047));
        }
    }

    /// <summary>The picture's bytes as the layout's channels.</summary>
    private readonly ref struct Source(in Picture picture, ColorOrder color)
    {
        private readonly ReadOnlySpan<byte> _pixels = picture.Pixels.Span;
        private readonly int _width = picture.Width;
        private readonly int _step = picture.Format.BytesPerPixel();
        private readonly bool _isBgr = picture.Format is PixelFormat.Bgr24 or PixelFormat.Bgra32;

        public byte this[int x, int y, int channel]
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get
            {
                ReadOnlySpan<byte> pixel = _pixels.Slice((int)(((long)y * _width + x) * _step), _step);
                if (_step == 1)
                {
                    return pixel[0];
                }

                if (color == ColorOrder.Gray)
                {
                    (byte red, byte blue) = _isBgr ? (pixel[2], pixel[0]) : (pixel[0], pixel[2]);
                    return (byte)((77 * red + 150 * pixel[1] + 29 * blue + 128) >> 8);
                }

                return pixel[(color == ColorOrder.Bgr) == _isBgr ? channel : 2 - channel];
            }
        }
    }
}
