namespace EdgeConv.Runtime.Preprocessing;

/// <summary>What a picture's size says about its bytes, checked before any is read.</summary>
internal static class PictureChecks
{
    /// <exception cref="ArgumentException">No pixels, rows that overlap, or fewer bytes than the size says.</exception>
    public static void Check(in Picture picture)
    {
        if (picture.Width < 1 || picture.Height < 1)
        {
            throw new ArgumentException($"found a picture of {picture.Width}x{picture.Height} pixels, expected at least 1x1", nameof(picture));
        }

        if (picture.Format > PixelFormat.Rgb565BigEndian)
        {
            throw new ArgumentException($"found a picture of format {picture.Format}, expected one of {nameof(PixelFormat)}", nameof(picture));
        }

        long row = picture.Format.RowBytes(picture.Width);
        if (picture.Stride != 0 && (picture.Stride < row || picture.Format == PixelFormat.I420 && picture.Stride % 2 != 0))
        {
            throw new ArgumentException(
                $"found {picture.Stride} bytes from row to row, a row of {picture.Width} pixels of {picture.Format} has {row}", nameof(picture));
        }

        // A camera's last row may lack its gap.
        long needed = picture.Format.ByteLength(picture.Width, picture.Height, picture.Stride);
        needed -= picture.Stride > 0 && picture.Format is not PixelFormat.I420 ? picture.Stride - row : 0;
        if (picture.Pixels.Length < needed)
        {
            throw new ArgumentException(
                $"found {picture.Pixels.Length} bytes, a {picture.Width}x{picture.Height} picture of {picture.Format} has {needed}", nameof(picture));
        }
    }

    /// <exception cref="ArgumentException">As above, or the region is empty or not in the picture.</exception>
    public static void Check(in Picture picture, in PictureRegion region)
    {
        Check(picture);
        if (region.Left < 0 || region.Top < 0 || region.Width < 1 || region.Height < 1
            || region.Left > picture.Width - region.Width || region.Top > picture.Height - region.Height)
        {
            throw new ArgumentException(
                $"found a region of {region.Width}x{region.Height} pixels at ({region.Left}, {region.Top}), expected one inside of {picture.Width}x{picture.Height}", nameof(region));
        }
    }
}
