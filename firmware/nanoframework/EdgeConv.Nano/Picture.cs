using System;

namespace EdgeConv.Nano
{
    /// <summary>A picture in memory. Frame sources fill the same one again and again.</summary>
    public sealed class Picture
    {
        /// <summary>The rows, the first pixel first.</summary>
        public byte[] Pixels;

        /// <summary>Columns.</summary>
        public int Width;

        /// <summary>Rows.</summary>
        public int Height;

        /// <summary>Layout of a pixel.</summary>
        public PixelFormat Format;

        /// <summary>Bytes from one row to the next, of the first plane; 0 where rows follow each other without a gap.</summary>
        public int Stride;

        /// <summary>How Y, U and V become red, green and blue; without meaning for other formats.</summary>
        public YuvRule Yuv;

        /// <summary>Bytes of a row without a gap, of the first plane where there are several.</summary>
        public static int RowBytes(PixelFormat format, int width)
        {
            switch (format)
            {
                case PixelFormat.Gray8:
                    return width;
                case PixelFormat.Rgb24:
                case PixelFormat.Bgr24:
                    return 3 * width;
                case PixelFormat.Rgba32:
                case PixelFormat.Bgra32:
                    return 4 * width;
                case PixelFormat.Yuyv:
                    return 4 * ((width + 1) / 2);
                case PixelFormat.Nv12:
                case PixelFormat.I420:
                    return 2 * ((width + 1) / 2);
                default:
                    return 2 * width;
            }
        }

        /// <summary>Bytes of a whole picture without gaps.</summary>
        public static int ByteLength(PixelFormat format, int width, int height)
        {
            int row = RowBytes(format, width);
            return format == PixelFormat.Nv12 || format == PixelFormat.I420 ? row * (height + (height + 1) / 2) : row * height;
        }

        /// <summary>Bytes from one row to the next, of the first plane.</summary>
        internal int Step()
        {
            return Stride > 0 ? Stride : RowBytes(Format, Width);
        }

        /// <summary>Looks whether the bytes are there that the size says.</summary>
        /// <exception cref="ArgumentException">They are not.</exception>
        internal void Check()
        {
            // a side of this many pixels keeps every product below within an int
            const int Most = 16384;
            if (Width < 1 || Height < 1 || Width > Most || Height > Most)
            {
                throw new ArgumentException("found a picture of " + Width + "x" + Height + " pixels, expected 1x1 to " + Most + "x" + Most);
            }

            if (Format < PixelFormat.Gray8 || Format > PixelFormat.Rgb565BigEndian)
            {
                throw new ArgumentException("found a picture of format " + (int)Format + ", expected one of PixelFormat");
            }

            int row = RowBytes(Format, Width);
            if (Stride != 0 && (Stride < row || Stride > 4 * Most || Format == PixelFormat.I420 && (Stride & 1) != 0))
            {
                throw new ArgumentException("found " + Stride + " bytes from row to row, a row of " + Width + " pixels has " + row);
            }

            bool planar = Format == PixelFormat.Nv12 || Format == PixelFormat.I420;
            int needed = Step() * (planar ? Height + (Height + 1) / 2 : Height - 1) + (planar ? 0 : row);
            if (Pixels == null || Pixels.Length < needed)
            {
                throw new ArgumentException("found " + (Pixels == null ? 0 : Pixels.Length) + " bytes, a picture of " + Width + "x" + Height + " pixels has " + needed);
            }
        }
    }
}
