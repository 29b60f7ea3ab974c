using EdgeConv.Devices.Cameras.V4l2;
using EdgeConv.Devices.Frames;

namespace EdgeConv.Devices.Cameras;

/// <summary>Opens what a camera URI names.</summary>
public static class FrameSources
{
    /// <summary>
    /// Opens a source. Files without fps= come one by one, each of them once, as fast as they are asked for; all else runs at its own pace, and
    /// the newest frame wins.
    /// </summary>
    /// <param name="uri">Which.</param>
    /// <param name="say">Told of what happens to the camera, a sentence each time, from another thread.</param>
    /// <param name="mustBeThere">Whether a camera that is not there is an error, or is waited for.</param>
    /// <param name="warn">Told of what is wrong with it; the same as the one before where it is null.</param>
    /// <exception cref="FrameException">There are no such files, or (where it must be there) the camera cannot be opened.</exception>
    public static IFrameSource Open(CameraUri uri, Action<string> say, bool mustBeThere, Action<string>? warn = null)
    {
        if (uri.Scheme is "file" or "folder" && !uri.Options.ContainsKey("fps"))
        {
            return new FrameFiles(uri.Target);
        }

        ICamera Open() => Camera(uri, warn ?? say);
        return new LiveCamera(uri.ToString(), Open, say, mustBeThere ? Open() : null, warn);
    }

    private static ICamera Camera(CameraUri uri, Action<string> say) => uri.Scheme switch
    {
        "file" or "folder" => new FileCamera(uri, say),
        "v4l2" => new V4l2Camera(uri),
        "rpicam" => new ProcessCamera(uri),
        "http" or "https" => new HttpCamera(uri),
        _ => throw new FrameException($"camera '{uri}' is not known here; expected one like {CameraUri.Forms}."),
    };
}
