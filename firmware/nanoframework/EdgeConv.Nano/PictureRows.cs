namespace EdgeConv.Nano
{
    /// <summary>
    /// Rows of any picture as planes of the wanted channels. A pixel of Y, U and V first becomes red, green and blue, each of them a byte, as it
    /// would be in a file of the same picture. Grey pixels are not copied.
    /// </summary>
    internal sealed class PictureRows
    {
        private readonly bool _isGray;
        private readonly bool _isBgr;

        // what the two bytes of a 5-6-5 pixel add to 256 times its grey: bit patterns of green's halves do not meet, so that the sum is exact
        private ushort[] _highByte;
        private ushort[] _lowByte;

        public PictureRows(ColorOrder color)
        {
            _isGray = color == ColorOrder.Gray;
            _isBgr = color == ColorOrder.Bgr;
        }

        /// <summary>Room for a row of that many pixels.</summary>
        public PictureRow Room(int width, PixelFormat format)
        {
            PictureRow row = new PictureRow();
            if (format == PixelFormat.Gray8)
            {
                return row;
            }

            row.First = new byte[width];
            row.Second = _isGray ? null : new byte[width];
            row.Third = _isGray ? null : new byte[width];
            if (_isGray && (format == PixelFormat.Rgb565 || format == PixelFormat.Rgb565BigEndian) && _highByte == null)
            {
                MakeGrayTables();
            }

            return row;
        }

        /// <summary>Reads part of a row.</summary>
        /// <param name="picture">The picture.</param>
        /// <param name="y">Which row.</param>
        /// <param name="left">Its first pixel.</param>
        /// <param name="width">How many.</param>
        /// <param name="row">Room for as many.</param>
        public void Read(Picture picture, int y, int left, int width, PictureRow row)
        {
            int begin = y * picture.Step();
            switch (picture.Format)
            {
                case PixelFormat.Gray8:
                    row.First = picture.Pixels;
                    row.Second = picture.Pixels;
                    row.Third = picture.Pixels;
                    row.Offset = begin + left;
                    break;
                case PixelFormat.Rgb24:
                    Packed(picture.Pixels, begin + 3 * left, 3, 0, 2, width, row);
                    break;
                case PixelFormat.Bgr24:
                    Packed(picture.Pixels, begin + 3 * left, 3, 2, 0, width, row);
                    break;
                case PixelFormat.Rgba32:
                    Packed(picture.Pixels, begin + 4 * left, 4, 0, 2, width, row);
                    break;
                case PixelFormat.Bgra32:
                    Packed(picture.Pixels, begin + 4 * left, 4, 2, 0, width, row);
                    break;
                case PixelFormat.Rgb565:
                    Packed565(picture.Pixels, begin + 2 * left, 0, width, row);
                    break;
                case PixelFormat.Rgb565BigEndian:
                    Packed565(picture.Pixels, begin + 2 * left, 1, width, row);
                    break;
                case PixelFormat.Yuyv:
                    Yuv(picture, begin + 2 * left, 2, begin + 1, begin + 3, 4, left, width, row);
                    break;
                default:
                    Planar(picture, y, left, width, row);
                    break;
            }
        }

        private void Planar(Picture picture, int y, int left, int width, PictureRow row)
        {
            int stride = picture.Step(), begin = y * stride + left, chroma = picture.Height * stride;
            if (picture.Format == PixelFormat.Nv12)
            {
                int u = chroma + y / 2 * stride;
                Yuv(picture, begin, 1, u, u + 1, 2, left, width, row);
                return;
            }

            int half = stride / 2, rows = (picture.Height + 1) / 2;
            Yuv(picture, begin, 1, chroma + y / 2 * half, chroma + (rows + y / 2) * half, 1, left, width, row);
        }

        private void Packed(byte[] pixels, int at, int step, int red, int blue, int width, PictureRow row)
        {
            byte[] first = row.First;
            if (_isGray)
            {
                for (int x = 0; x < width; x++)
                {
                    first[x] = (byte)((77 * pixels[at + red] + 150 * pixels[at + 1] + 29 * pixels[at + blue] + 128) >> 8);
                    at += step;
                }

                return;
            }

            byte[] second = row.Second, third = row.Third;
            int begin = _isBgr ? blue : red, end = _isBgr ? red : blue;
            for (int x = 0; x < width; x++)
            {
                first[x] = pixels[at + begin];
                second[x] = pixels[at + 1];
                third[x] = pixels[at + end];
                at += step;
            }
        }

        private void Packed565(byte[] pixels, int at, int low, int width, PictureRow row)
        {
            byte[] first = row.First;
            if (_isGray)
            {
                ushort[] highByte = low == 0 ? _lowByte : _highByte, lowByte = low == 0 ? _highByte : _lowByte;
                for (int x = 0; x < width; x++)
                {
                    first[x] = (byte)((highByte[pixels[at]] + lowByte[pixels[at + 1]]) >> 8);
                    at += 2;
                }

                return;
            }

            byte[] red = _isBgr ? row.Third : first, green = row.Second, blue = _isBgr ? first : row.Third;
            for (int x = 0; x < width; x++)
            {
                int pixel = pixels[at + low] | pixels[at + 1 - low] << 8;
                int r = pixel >> 11, g = pixel >> 5 & 63, b = pixel & 31;
                red[x] = (byte)(r << 3 | r >> 2);
                green[x] = (byte)(g << 2 | g >> 4);
                blue[x] = (byte)(b << 3 | b >> 2);
                at += 2;
            }
        }

        /// <summary>Two pixels of a row share U and V.</summary>
        private void Yuv(Picture picture, int luma, int lumaStep, int u, int v, int chromaStep, int left, int width, PictureRow row)
        {
            byte[] pixels = picture.Pixels, first = row.First, second = row.Second, third = row.Third;
            YuvFactors factors = YuvFactors.Of(picture.Yuv);
            int step = factors.Luma, black = YuvFactors.Half - factors.Black * step, red = 0, green = 0, blue = 0;
            for (int x = 0; x < width; x++)
            {
                int at = x + left;
                if (x == 0 || (at & 1) == 0)
                {
                    int pair = (at >> 1) * chromaStep, cb = pixels[u + pair] - 128, cr = pixels[v + pair] - 128;
                    red = black + factors.RedV * cr;
                    green = black - factors.GreenU * cb - factors.GreenV * cr;
                    blue = black + factors.BlueU * cb;
                }

                int y = pixels[luma] * step, r = (y + red) >> YuvFactors.Shift, g = (y + green) >> YuvFactors.Shift, b = (y + blue) >> YuvFactors.Shift;
                r = r < 0 ? 0 : r > 255 ? 255 : r;
                g = g < 0 ? 0 : g > 255 ? 255 : g;
                b = b < 0 ? 0 : b > 255 ? 255 : b;
                luma += lumaStep;
                if (_isGray)
                {
                    first[x] = (byte)((77 * r + 150 * g + 29 * b + 128) >> 8);
                    continue;
                }

                first[x] = (byte)(_isBgr ? b : r);
                second[x] = (byte)g;
                third[x] = (byte)(_isBgr ? r : b);
            }
        }

        private void MakeGrayTables()
        {
            _highByte = new ushort[256];
            _lowByte = new ushort[256];
            for (int i = 0; i < 256; i++)
            {
                int r = i >> 3, greenHigh = i & 7, greenLow = i >> 5, b = i & 31;
                _highByte[i] = (ushort)(77 * (r << 3 | r >> 2) + 150 * (greenHigh << 5 | greenHigh >> 1) + 128);
                _lowByte[i] = (ushort)(150 * (greenLow << 2) + 29 * (b << 3 | b >> 2));
            }
        }
    }
}
