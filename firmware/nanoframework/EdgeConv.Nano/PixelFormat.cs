namespace EdgeConv.Nano
{
    /// <summary>Layout of the bytes of a picture, rows from top to bottom. The numbers are those of every EdgeConv runtime.</summary>
    public enum PixelFormat
    {
        /// <summary>One byte a pixel.</summary>
        Gray8 = 0,

        /// <summary>Red, green, blue.</summary>
        Rgb24 = 1,

        /// <summary>Blue, green, red.</summary>
        Bgr24 = 2,

        /// <summary>Red, green, blue, ignored.</summary>
        Rgba32 = 3,

        /// <summary>Blue, green, red, ignored.</summary>
        Bgra32 = 4,

        /// <summary>Y0 U Y1 V for two pixels of a row.</summary>
        Yuyv = 5,

        /// <summary>A plane of Y, then a plane of U V pairs, one for two by two pixels.</summary>
        Nv12 = 6,

        /// <summary>A plane of Y, then one of U, then one of V, each of these two with a byte for two by two pixels.</summary>
        I420 = 7,

        /// <summary>Two bytes, the low one first: blue in the lowest 5 bits, then 6 of green, then 5 of red.</summary>
        Rgb565 = 8,

        /// <summary>The same, the high byte first, as camera modules send it.</summary>
        Rgb565BigEndian = 9,
    }

    /// <summary>Which Y, U and V a camera sends.</summary>
    public enum YuvRule
    {
        /// <summary>BT.601, studio range.</summary>
        Bt601 = 0,

        /// <summary>BT.601, full range: JPEG's.</summary>
        Bt601Full = 1,

        /// <summary>BT.709, studio range.</summary>
        Bt709 = 2,

        /// <summary>BT.709, full range.</summary>
        Bt709Full = 3,
    }
}
