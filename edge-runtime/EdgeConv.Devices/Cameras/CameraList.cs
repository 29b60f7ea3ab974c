using System.Globalization;
using EdgeConv.Devices.Cameras.V4l2;
using EdgeConv.Devices.Frames;

namespace EdgeConv.Devices.Cameras;

/// <summary>A format of a camera with its sizes.</summary>
/// <param name="Name">As format= takes it, or the driver's four letters.</param>
/// <param name="IsUsable">Whether it is understood here.</param>
/// <param name="Sizes">Single sizes, or the smallest and the largest of a range.</param>
public sealed record CameraFormat(string Name, bool IsUsable, IReadOnlyList<CameraSize> Sizes);

/// <summary>A video device of this machine.</summary>
/// <param name="Uri">What to type.</param>
/// <param name="Name">Its own name; empty with a <paramref name="Problem"/>.</param>
/// <param name="Formats">What it can.</param>
/// <param name="Problem">Why it cannot be used, or null.</param>
public sealed record CameraInfo(string Uri, string Name, IReadOnlyList<CameraFormat> Formats, string? Problem);

/// <summary>The cameras of this machine.</summary>
public static class CameraList
{
    /// <summary>Every /dev/video, in the order of their numbers, also those that cannot be used and why; none elsewhere than on Linux.</summary>
    public static IReadOnlyList<CameraInfo> Find()
    {
        if (!Directory.Exists("/dev"))
        {
            return [];
        }

        return [.. Directory.EnumerateFiles("/dev", "video*")
            .Where(path => int.TryParse(path.AsSpan("/dev/video".Length), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .OrderBy(path => path.Length).ThenBy(path => path, StringComparer.Ordinal)
            .Select(Describe)];
    }

    private static CameraInfo Describe(string path)
    {
        try
        {
            using V4l2Device device = new(path);
            CameraFormat[] formats = [.. device.FourCCs().Select(code =>
                new CameraFormat(V4l2PixelFormat.Of(code)?.Name ?? V4l2PixelFormat.Text(code), V4l2PixelFormat.Of(code) is not null, device.Sizes(code)))];
            return new CameraInfo($"v4l2:{path}", device.Card, formats, null);
        }
        catch (FrameException error)
        {
            return new CameraInfo($"v4l2:{path}", "", [], error.Message);
        }
    }
}
