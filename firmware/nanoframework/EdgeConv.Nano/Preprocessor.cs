using System;

namespace EdgeConv.Nano
{
    /// <summary>
    /// Any picture to a model's input, the same bytes as on every other device (QUANTIZATION.md, section 6), in 32-bit integers. Allocates only when
    /// the size or the format of the pictures changes.
    /// </summary>
    public sealed class Preprocessor
    {
        // twice 255 times as many, and as many again, are below 2^31
        private const int MostPixels = 1 << 22;

        private readonly PreprocessingRecord _record;
        private readonly PictureRows _reader;
        private readonly int[] _sums;
        private PictureAxis _columns;
        private PictureAxis _rows;
        private PictureRow _even;
        private PictureRow _odd;
        private int _sourceWidth;
        private int _sourceHeight;
        private PixelFormat _sourceFormat;
        private int _left;
        private int _top;
        private int _width;
        private int _height;

        /// <summary>For one model.</summary>
        public Preprocessor(PreprocessingRecord record)
        {
            _record = record;
            _reader = new PictureRows(record.Color);
            _sums = record.Resize == Resize.Area ? new int[record.Width * record.Channels] : null;
        }

        /// <summary>Fills the model's input.</summary>
        /// <param name="picture">The picture.</param>
        /// <param name="input">Room for height x width x channels, HWC.</param>
        /// <param name="offset">Where in it to begin.</param>
        /// <exception cref="ArgumentException">The picture has no pixels or too few bytes, or there is no room for the input.</exception>
        public void Run(Picture picture, sbyte[] input, int offset)
        {
            picture.Check();
            int row = _record.Width * _record.Channels;
            if (offset < 0 || input.Length - offset < _record.Height * row)
            {
                throw new ArgumentException("found room for " + (input.Length - offset) + " bytes, the model's input has " + _record.Height * row);
            }

            Prepare(picture);
            for (int y = 0; y < _record.Height; y++)
            {
                switch (_record.Resize)
                {
                    case Resize.Area:
                        Area(picture, y, input, offset);
                        break;
                    case Resize.Bilinear:
                        Bilinear(Line(picture, _rows.First[y]), Line(picture, _rows.Last[y]), y, input, offset);
                        break;
                    default:
                        Nearest(Line(picture, _rows.First[y]), input, offset);
                        break;
                }

                offset += row;
            }
        }

        /// <summary>The exact mean: a source pixel counts by the whole-number area it shares with the output pixel, halves round up.</summary>
        private void Area(Picture picture, int y, sbyte[] input, int offset)
        {
            int width = _record.Width, height = _record.Height, channels = _record.Channels, first = _rows.First[y], last = _rows.Last[y];
            int[] sums = _sums;
            Array.Clear(sums, 0, sums.Length);
            for (int source = first; source <= last; source++)
            {
                int weight = source == first ? _rows.FirstWeight[y] : source == last ? _rows.LastWeight[y] : height;
                PictureRow row = Line(picture, source);
                for (int c = 0; c < channels; c++)
                {
                    AddRow(row.Plane(c), row.Offset, weight, c * width);
                }
            }

            sbyte[] tables = _record.Tables;
            int area = _width * _height;
            for (int c = 0; c < channels; c++)
            {
                int table = c * PreprocessingRecord.EntriesAChannel, at = offset + c, sum = c * width;
                for (int x = 0; x < width; x++)
                {
                    input[at] = tables[table + (2 * sums[sum + x] + area) / (2 * area)];
                    at += channels;
                }
            }
        }

        private void AddRow(byte[] plane, int begin, int weight, int sum)
        {
            int[] sums = _sums, first = _columns.First, last = _columns.Last, firstWeight = _columns.FirstWeight, lastWeight = _columns.LastWeight;
            int width = _record.Width;
            for (int x = 0; x < width; x++)
            {
                int at = begin + first[x], end = begin + last[x], inner = 0;
                int ends = plane[at] * firstWeight[x] + plane[end] * lastWeight[x];
                for (at++; at < end; at++)
                {
                    inner += plane[at];
                }

                sums[sum + x] += (ends + inner * width) * weight;
            }
        }

        /// <summary>Weights of 11 bits an axis, one rounding at the end, halves up.</summary>
        private void Bilinear(PictureRow upper, PictureRow lower, int y, sbyte[] input, int offset)
        {
            sbyte[] tables = _record.Tables;
            int channels = _record.Channels, width = _record.Width, upperWeight = _rows.FirstWeight[y], lowerWeight = _rows.LastWeight[y];
            int[] first = _columns.First, last = _columns.Last, firstWeight = _columns.FirstWeight, lastWeight = _columns.LastWeight;
            for (int c = 0; c < channels; c++)
            {
                byte[] above = upper.Plane(c), below = lower.Plane(c);
                int table = c * PreprocessingRecord.EntriesAChannel, at = offset + c;
                for (int x = 0; x < width; x++)
                {
                    int left = first[x], right = last[x];
                    int top = above[upper.Offset + left] * firstWeight[x] + above[upper.Offset + right] * lastWeight[x];
                    int bottom = below[lower.Offset + left] * firstWeight[x] + below[lower.Offset + right] * lastWeight[x];
                    input[at] = tables[table + ((top * upperWeight + bottom * lowerWeight + (1 << 21)) >> 22)];
                    at += channels;
                }
            }
        }

        private void Nearest(PictureRow row, sbyte[] input, int offset)
        {
            sbyte[] tables = _record.Tables;
            int channels = _record.Channels, width = _record.Width;
            int[] first = _columns.First;
            for (int c = 0; c < channels; c++)
            {
                byte[] plane = row.Plane(c);
                int table = c * PreprocessingRecord.EntriesAChannel, at = offset + c;
                for (int x = 0; x < width; x++)
                {
                    input[at] = tables[table + plane[row.Offset + first[x]]];
                    at += channels;
                }
            }
        }

        /// <summary>A row of the crop; the last two that were asked for are kept.</summary>
        private PictureRow Line(Picture picture, int y)
        {
            PictureRow row = (y & 1) == 0 ? _even : _odd;
            if (row.Y != y)
            {
                _reader.Read(picture, _top + y, _left, _width, row);
                row.Y = y;
            }

            return row;
        }

        private void Prepare(Picture picture)
        {
            if (_sourceWidth != picture.Width || _sourceHeight != picture.Height || _sourceFormat != picture.Format)
            {
                CropRectangle(picture.Width, picture.Height);
                if (_width * _height > MostPixels)
                {
                    throw new ArgumentException("found a picture of " + _width * _height + " pixels, expected at most " + MostPixels);
                }

                _columns = new PictureAxis(_width, _record.Width, _record.Resize);
                _rows = new PictureAxis(_height, _record.Height, _record.Resize);
                _even = _reader.Room(_width, picture.Format);
                _odd = _reader.Room(_width, picture.Format);
                _sourceWidth = picture.Width;
                _sourceHeight = picture.Height;
                _sourceFormat = picture.Format;
            }

            _even.Y = -1;
            _odd.Y = -1;
        }

        // the largest rectangle of the model's aspect, never empty, rounded down, centred with the odd pixel at the end
        private void CropRectangle(int width, int height)
        {
            _width = width;
            _height = height;
            if (_record.Crop == Crop.Center)
            {
                long wide = (long)height * _record.Width, high = (long)width * _record.Height;
                if (wide < high)
                {
                    _width = (int)(wide / _record.Height);
                }
                else if (high < wide)
                {
                    _height = (int)(high / _record.Width);
                }

                _width = _width < 1 ? 1 : _width;
                _height = _height < 1 ? 1 : _height;
            }

            _left = (width - _width) / 2;
            _top = (height - _height) / 2;
        }
    }
}
