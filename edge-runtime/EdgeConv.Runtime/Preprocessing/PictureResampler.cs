using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Preprocessing;

/// <summary>
/// Executes a <see cref="PictureLayout"/> in integers: crop, colour, resize, in this order of meaning and in one pass over the source's rows.
/// Allocates only when the source's size changes. Not for several threads at once.
/// </summary>
public sealed class PictureResampler(PictureLayout layout)
{
    private readonly PictureRows _reader = new(layout.Color);
    private Axis[] _columns = [];
    private Axis[] _rows = [];
    private PictureRegion _source;
    private PictureRegion _crop;

    // Two rows of planes, which rows these are, and (area) the rows of an output row summed up.
    private byte[][] _lines = [];
    private int[] _lineRows = [];
    private uint[] _sums = [];

    /// <summary>Any picture to layout.Height x layout.Width x layout.Channels bytes, HWC.</summary>
    /// <exception cref="ArgumentException">The picture has no pixels, fewer bytes than its size says, or the output has another length.</exception>
    public void Run(in Picture picture, Span<byte> output) => Run(picture, new PictureRegion(0, 0, picture.Width, picture.Height), output);

    /// <summary>A part of a picture, as if it had been cut out before; nothing is copied.</summary>
    /// <exception cref="ArgumentException">As for a whole picture, or the region is empty or not in it.</exception>
    public void Run(in Picture picture, in PictureRegion region, Span<byte> output)
    {
        PictureChecks.Check(picture, region);
        if (output.Length != layout.ByteLength)
        {
            throw new ArgumentException($"found room for {output.Length} bytes, the layout gives {layout.ByteLength}", nameof(output));
        }

        Prepare(region);
        _lineRows.AsSpan().Fill(-1);
        ReadOnlySpan<byte> pixels = picture.Pixels.Span;
        int rowBytes = layout.Width * layout.Channels;
        for (int y = 0; y < layout.Height; y++)
        {
            Span<byte> to = output.Slice(y * rowBytes, rowBytes);
            switch (layout.Resize)
            {
                case Resize.Area:
                    Area(picture, pixels, _rows[y], to);
                    break;
                case Resize.Bilinear:
                    Bilinear(Line(picture, pixels, _rows[y].First), Line(picture, pixels, _rows[y].Last), _rows[y], to);
                    break;
                default:
                    Nearest(Line(picture, pixels, _rows[y].First), to);
                    break;
            }
        }
    }

    /// <summary>
    /// Exact mean: a source pixel counts by the whole-number area it shares with the output pixel, halves round up. Down first: a column's sum
    /// is at most 255 * the crop's height, which is under 2^32.
    /// </summary>
    private void Area(in Picture picture, ReadOnlySpan<byte> pixels, in Axis row, Span<byte> output)
    {
        Span<uint> sums = _sums;
        sums.Clear();
        for (int y = row.First; y <= row.Last; y++)
        {
            AddWeighted(Line(picture, pixels, y), row.Overlap(y, layout.Height), sums);
        }

        ulong area = (ulong)_crop.Width * (ulong)_crop.Height;
        for (int c = 0; c < layout.Channels; c++)
        {
            ReadOnlySpan<uint> plane = sums.Slice(c * _crop.Width, _crop.Width);
            for (int x = 0; x < _columns.Length; x++)
            {
                ref readonly Axis column = ref _columns[x];
                ulong inner = 0;
                for (int i = column.First + 1; i < column.Last; i++)
                {
                    inner += plane[i];
                }

                ulong sum = inner * (ulong)layout.Width + plane[column.First] * (ulong)column.FirstWeight + plane[column.Last] * (ulong)column.LastWeight;
                output[x * layout.Channels + c] = (byte)((2 * sum + area) / (2 * area));
            }
        }
    }

    /// <summary>Weights of 11 bits an axis, one rounding at the end, halves up.</summary>
    private void Bilinear(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, in Axis row, Span<byte> output)
    {
        for (int x = 0, at = 0; x < _columns.Length; x++)
        {
            ref readonly Axis column = ref _columns[x];
            for (int c = 0, plane = 0; c < layout.Channels; c++, plane += _crop.Width)
            {
                int top = upper[plane + column.First] * column.FirstWeight + upper[plane + column.Last] * column.LastWeight;
                int bottom = lower[plane + column.First] * column.FirstWeight + lower[plane + column.Last] * column.LastWeight;
                output[at++] = (byte)((top * row.FirstWeight + bottom * row.LastWeight + (1 << 21)) >> 22);
            }
        }
    }

    private void Nearest(ReadOnlySpan<byte> line, Span<byte> output)
    {
        for (int x = 0, at = 0; x < _columns.Length; x++)
        {
            for (int c = 0; c < layout.Channels; c++)
            {
                output[at++] = line[c * _crop.Width + _columns[x].First];
            }
        }
    }

    /// <summary>A row of the crop as planes; the last two that were asked for are kept.</summary>
    private ReadOnlySpan<byte> Line(in Picture picture, ReadOnlySpan<byte> pixels, int y)
    {
        int slot = y & 1;
        if (_lineRows[slot] != y)
        {
            _reader.Read(picture, pixels, _crop.Top + y, _crop.Left, _lines[slot]);
            _lineRows[slot] = y;
        }

        return _lines[slot];
    }

    private static void AddWeighted(ReadOnlySpan<byte> line, int weight, Span<uint> sums)
    {
        int x = 0;
        for (; x <= line.Length - Vector128<byte>.Count; x += Vector128<byte>.Count)
        {
            (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Create(line.Slice(x, Vector128<byte>.Count)));
            Span<Vector128<uint>> to = MemoryMarshal.Cast<uint, Vector128<uint>>(sums.Slice(x, Vector128<byte>.Count));
            to[0] += Vector128.WidenLower(low) * (uint)weight;
            to[1] += Vector128.WidenUpper(low) * (uint)weight;
            to[2] += Vector128.WidenLower(high) * (uint)weight;
            to[3] += Vector128.WidenUpper(high) * (uint)weight;
        }

        for (; x < line.Length; x++)
        {
            sums[x] += line[x] * (uint)weight;
        }
    }

    private void Prepare(in PictureRegion source)
    {
        if (_source == source)
        {
            return;
        }

        _source = source;
        _crop = CropRectangle(source);
        _columns = Axis.All(_crop.Width, layout.Width, layout.Resize);
        _rows = Axis.All(_crop.Height, layout.Height, layout.Resize);
        _reader.Prepare(_crop.Width);
        int bytes = _crop.Width * layout.Channels;
        _lines = [new byte[bytes], new byte[bytes]];
        _lineRows = [-1, -1];
        _sums = layout.Resize == Resize.Area ? new uint[bytes] : [];
    }

    private PictureRegion CropRectangle(in PictureRegion source)
    {
        if (layout.Crop == Crop.Stretch)
        {
            return source;
        }

        // the largest rectangle of the layout's aspect, never empty, rounded down, centred with the odd pixel at the end
        long wide = (long)source.Height * layout.Width, high = (long)source.Width * layout.Height;
        int width = wide < high ? Math.Max(1, (int)(wide / layout.Height)) : source.Width;
        int height = high < wide ? Math.Max(1, (int)(high / layout.Width)) : source.Height;
        return new PictureRegion(source.Left + (source.Width - width) / 2, source.Top + (source.Height - height) / 2, width, height);
    }

    /// <summary>What one output row or column reads of the crop.</summary>
    /// <param name="First">First source row or column.</param>
    /// <param name="Last">Last one.</param>
    /// <param name="FirstWeight">What the first counts: length shared with the output pixel (area), 2048ths (bilinear).</param>
    /// <param name="LastWeight">What the last counts, 0 in area where it is the first.</param>
    private readonly record struct Axis(int First, int Last, int FirstWeight, int LastWeight)
    {
        public static Axis[] All(int size, int outputs, Resize resize)
        {
            var axes = new Axis[outputs];
            for (int i = 0; i < outputs; i++)
            {
                axes[i] = resize switch
                {
                    Resize.Area => Covered(i, size, outputs),
                    Resize.Bilinear => Neighbours(i, size, outputs),
                    _ => new((int)((2L * i + 1) * size / (2L * outputs)), 0, 0, 0),
                };
            }

            return axes;
        }

        /// <summary>The weight of source pixel x in area, where a source pixel is `outputs` long.</summary>
        public int Overlap(int x, int outputs) => x == First ? FirstWeight : x == Last ? LastWeight : outputs;

        /// <summary>A source pixel is `outputs` long and an output pixel `size`.</summary>
        private static Axis Covered(int i, int size, int outputs)
        {
            long begin = (long)i * size, end = begin + size;
            int first = (int)(begin / outputs), last = (int)((end - 1) / outputs);
            return first == last
                ? new(first, last, size, 0)
                : new(first, last, (int)((first + 1L) * outputs - begin), (int)(end - (long)last * outputs));
        }

        /// <summary>The centre of output pixel i lies at (i + 1/2) * size / outputs - 1/2 of the source, clamped to its edge pixels.</summary>
        private static Axis Neighbours(int i, int size, int outputs)
        {
            long position = Math.Clamp(((2L * i + 1) * size * 1024 + outputs / 2) / outputs - 1024, 0, (size - 1) * 2048L);
            int first = (int)(position >> 11), weight = (int)(position & 2047);
            return new(first, Math.Min(first + 1, size - 1), 2048 - weight, weight);
        }
    }
}
