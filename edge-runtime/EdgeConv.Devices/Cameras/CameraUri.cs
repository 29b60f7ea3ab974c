using System.Globalization;
using EdgeConv.Devices.Cameras.V4l2;
using EdgeConv.Devices.Frames;

namespace EdgeConv.Devices.Cameras;

/// <summary>
/// Names a source of frames: SCHEME:WHAT?option=value&amp;option=value. A path alone stands for file:, folder: or v4l2:, by what it is.
/// </summary>
/// <param name="Scheme">Which kind.</param>
/// <param name="Target">Device, path or address.</param>
/// <param name="Options">By name.</param>
public sealed record CameraUri(string Scheme, string Target, IReadOnlyDictionary<string, string> Options)
{
    /// <summary>For help texts.</summary>
    public const string Forms = "v4l2:/dev/video0?size=640x480&format=YUYV&fps=30, rpicam:?size=640x480&fps=30, "
        + "http://host:port/stream (MJPEG), file:picture.png, folder:pictures?fps=10&loop=1";

    private static readonly Dictionary<string, string[]> _options = new(StringComparer.Ordinal)
    {
        ["v4l2"] = ["size", "format", "fps", "timeout"],
        ["rpicam"] = ["size", "fps", "camera", "stride", "program", "timeout"],
        ["file"] = ["fps", "loop"],
        ["folder"] = ["fps", "loop"],
        ["http"] = ["timeout"],
        ["https"] = ["timeout"],
    };

    /// <summary>Whether the target is a whole address, whose query belongs to the camera behind it; options then follow a #.</summary>
    private bool IsHttp => Scheme is "http" or "https";

    /// <summary>Reads a URI, with the values of its options.</summary>
    /// <exception cref="FrameException">Not one; the message says what was expected.</exception>
    public static CameraUri Parse(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string scheme = colon > 0 ? text[..colon] : "";
        if (!_options.TryGetValue(scheme, out string[]? known))
        {
            return FromPath(text) ?? throw new FrameException($"camera '{text}' is neither a path nor a URI that is known; expected one like {Forms}.");
        }

        bool isHttp = scheme is "http" or "https";
        int mark = text.IndexOf(isHttp ? '#' : '?', StringComparison.Ordinal);
        int end = mark >= 0 ? mark : text.Length;
        string target = isHttp ? text[..end] : text[(colon + 1)..end];
        Dictionary<string, string> options = end == text.Length ? [] : ReadOptions(text, text[(end + 1)..], known);
        if (target.Length == 0 && scheme != "rpicam")
        {
            throw new FrameException($"camera '{text}' names nothing after '{scheme}:'; expected one like {Forms}.");
        }

        CameraUri uri = new(scheme, target, options);
        uri.CheckOptions();
        return uri;
    }

    /// <summary>The pace, or null where it is the camera's.</summary>
    /// <exception cref="FrameException">No number, or too large a one.</exception>
    public double? FramesASecond() => Real("fps", Scheme is "file" or "folder" ? 1_000_000 : 1000);

    /// <summary>How long a camera may be silent, in seconds.</summary>
    /// <exception cref="FrameException">No number, or too large a one.</exception>
    public int Timeout(int otherwise) => Number("timeout", otherwise, 3600);

    /// <summary>A size like 640x480, or null.</summary>
    /// <exception cref="FrameException">Something else.</exception>
    public (int Width, int Height)? Size()
    {
        if (!Options.TryGetValue("size", out string? text))
        {
            return null;
        }

        string[] parts = text.Split('x');
        return parts.Length == 2 && IsNumber(parts[0], 32768, out int width) && IsNumber(parts[1], 32768, out int height)
            ? (width, height)
            : throw new FrameException($"size={text}: expected width x height in pixels, such as size=640x480.");
    }

    /// <summary>An option as a whole number from 1 on, or a default.</summary>
    /// <exception cref="FrameException">Something else.</exception>
    public int Number(string option, int otherwise, int most)
    {
        if (!Options.TryGetValue(option, out string? text))
        {
            return otherwise;
        }

        return IsNumber(text, most, out int value)
            ? value
            : throw new FrameException($"{option}={text}: expected a whole number from 1 to {most}.");
    }

    /// <summary>An option as a number above 0, or null.</summary>
    /// <exception cref="FrameException">Something else.</exception>
    public double? Real(string option, double most)
    {
        if (!Options.TryGetValue(option, out string? text))
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value > 0 && value <= most
            ? value
            : throw new FrameException($"{option}={text}: expected a number above 0, at most {most.ToString(CultureInfo.InvariantCulture)}.");
    }

    /// <summary>As it is typed.</summary>
    public override string ToString() =>
        (IsHttp ? Target : $"{Scheme}:{Target}")
        + (Options.Count == 0 ? "" : (IsHttp ? "#" : "?") + string.Join('&', Options.Select(option => $"{option.Key}={option.Value}")));

    /// <summary>Now, not when the camera is opened: what cannot be opened is tried again for ever, and these never get better.</summary>
    private void CheckOptions()
    {
        Size();
        FramesASecond();
        Timeout(1);
        if (FileCamera.Loops(this) && !Options.ContainsKey("fps"))
        {
            throw new FrameException($"camera '{this}': loop=1 needs a pace; add fps=10.");
        }

        if (Options.TryGetValue("format", out string? format))
        {
            V4l2PixelFormat.Parse(format);
        }

        if (Scheme == "rpicam")
        {
            ProcessCamera.CheckOptions(this);
        }
    }

    private static CameraUri? FromPath(string text)
    {
        string? scheme = text.StartsWith("/dev/", StringComparison.Ordinal) ? "v4l2" : Directory.Exists(text) ? "folder" : File.Exists(text) ? "file" : null;
        return scheme is null ? null : new CameraUri(scheme, text, new Dictionary<string, string>());
    }

    private static Dictionary<string, string> ReadOptions(string text, string query, string[] known)
    {
        Dictionary<string, string> options = new(StringComparer.Ordinal);
        foreach (string part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? part : part[..equals];
            if (equals < 0 || !known.Contains(name))
            {
                throw new FrameException($"camera '{text}': '{part}' is not understood; expected {string.Join(", ", known.Select(option => option + "=..."))}.");
            }

            if (!options.TryAdd(name, part[(equals + 1)..]))
            {
                throw new FrameException($"camera '{text}': {name} is given twice.");
            }
        }

        return options;
    }

    private static bool IsNumber(string text, int most, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= 1 && value <= most;
}
