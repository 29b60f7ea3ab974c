using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Deciding;

/// <summary>The part of every frame that is looked at, in pixels or in fractions of the frame.</summary>
public sealed record FrameRegion(double Left, double Top, double Width, double Height, bool IsFraction)
{
    /// <summary>In a frame of that size; what lies outside of it is cut off, one pixel at least stays.</summary>
    public PictureRegion In(int width, int height)
    {
        (int left, int right) = Range(Left, Width, width);
        (int top, int bottom) = Range(Top, Height, height);
        return new PictureRegion(left, top, right - left, bottom - top);
    }

    private (int First, int End) Range(double first, double length, int size)
    {
        double unit = IsFraction ? size : 1;
        int begin = (int)Math.Clamp(Math.Round(first * unit), 0, size - 1);
        return (begin, (int)Math.Clamp(Math.Round((first + length) * unit), begin + 1, size));
    }
}
