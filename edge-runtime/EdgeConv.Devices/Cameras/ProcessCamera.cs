using System.Diagnostics;
using System.Globalization;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Cameras;

/// <summary>
/// A Raspberry Pi's own camera through rpicam-vid (libcamera-vid on older systems): the program writes frames of Y, U and V planes to a pipe. One
/// that stalls, or ends, is an error; it is never left behind.
/// </summary>
internal sealed class ProcessCamera : ICamera
{
    private static readonly string[] _programs = ["rpicam-vid", "libcamera-vid"];

    private readonly Process _process;
    private readonly Stream _frames;
    private readonly Timer _watchdog;
    private readonly TimeSpan _timeout;
    private readonly (int Width, int Height, int Stride) _size;
    private readonly YuvRule _rule;
    private readonly string _program;
    private readonly ManualResetEventSlim _saidAll = new();
    private volatile string _lastWords = "";
    private volatile bool _stalls;
    private volatile bool _stopped;
    private long _number;

    /// <summary>Starts the program.</summary>
    /// <exception cref="FrameException">It is not there, or the size is not one that it writes without gaps.</exception>
    public ProcessCamera(CameraUri uri)
    {
        _size = SizeOf(uri);
        (int width, int height, _) = _size;
        // What these programs ask the camera for when they record.
        _rule = width < 1280 && height < 720 ? YuvRule.Bt601 : YuvRule.Bt709;
        _timeout = TimeSpan.FromSeconds(uri.Timeout(5));
        double rate = uri.FramesASecond() ?? 30;
        _program = uri.Options.GetValueOrDefault("program") ?? _programs.FirstOrDefault(IsOnPath)
            ?? throw new FrameException("neither rpicam-vid nor libcamera-vid is installed. On a Raspberry Pi: sudo apt install rpicam-apps-lite.");
        Description = $"{Path.GetFileName(_program)}, {width}x{height} YUV420, {rate.ToString("0.##", CultureInfo.InvariantCulture)} frames/s";
        _process = Start(
            ["--nopreview", "--timeout", "0", "--codec", "yuv420", "--width", Text(width), "--height", Text(height),
                "--framerate", rate.ToString(CultureInfo.InvariantCulture), "--camera", CameraNumber(uri), "--output", "-"]);
        _frames = _process.StandardOutput.BaseStream;
        _watchdog = new Timer(_ => Kill(stalls: true), null, _timeout, Timeout.InfiniteTimeSpan);
    }

    public string Description { get; }

    public bool Read(FrameBuffer frame)
    {
        int length = (int)PixelFormat.I420.ByteLength(_size.Width, _size.Height, _size.Stride);
        int read = 0;
        try
        {
            read = _frames.ReadAtLeast(frame.Resize(length), length, throwOnEndOfStream: false);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The pipe is gone with the program.
        }

        if (_stopped)
        {
            return false;
        }

        if (read < length)
        {
            throw _stalls ? new FrameException($"{_program} stalls: no frame in {_timeout.TotalSeconds:0.##} s.") : Ended();
        }

        frame.Set(_size.Width, _size.Height, PixelFormat.I420, _size.Stride, _rule);
        frame.Number = _number++;
        frame.Taken = Stopwatch.GetTimestamp();
        _watchdog.Change(_timeout, Timeout.InfiniteTimeSpan);
        return true;
    }

    public void Stop()
    {
        _stopped = true;
        Kill(stalls: false);
    }

    public void Dispose()
    {
        _watchdog.Dispose();
        Kill(stalls: false);
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Whether the program can be asked for that.</summary>
    /// <exception cref="FrameException">Not a size that it writes without gaps, or no camera's number.</exception>
    public static void CheckOptions(CameraUri uri)
    {
        SizeOf(uri);
        CameraNumber(uri);
    }

    private static (int Width, int Height, int Stride) SizeOf(CameraUri uri)
    {
        (int width, int height) = uri.Size() ?? (640, 480);
        // The program pads rows to what the camera's hardware likes.
        const int usualPadding = 64;
        if (width % 2 != 0 || height % 2 != 0 || width % usualPadding != 0 && !uri.Options.ContainsKey("stride"))
        {
            throw new FrameException(
                $"size={width}x{height}: expected an even height and a width that is a multiple of {usualPadding}, such as 640x480; else say stride=BYTES, from row to row.");
        }

        int stride = uri.Number("stride", width, 65536);
        if (stride < width || stride % 2 != 0)
        {
            throw new FrameException($"stride={stride}: expected an even number from {width} on.");
        }

        return (width, height, stride);
    }

    private static string CameraNumber(CameraUri uri)
    {
        string text = uri.Options.GetValueOrDefault("camera", "0");
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? text : throw new FrameException($"camera={text}: expected a number from 0 on.");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool IsOnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, program)));

    private Process Start(string[] arguments)
    {
        ProcessStartInfo start = new(_program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        try
        {
            Process process = Process.Start(start) ?? throw new FrameException($"{_program} does not start.");
            process.ErrorDataReceived += (_, line) => Hear(line.Data);
            process.BeginErrorReadLine();
            return process;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new FrameException($"{_program} does not start: {error.Message}.");
        }
    }

    /// <summary>A line of what it says to people; null when it will say no more.</summary>
    private void Hear(string? line)
    {
        if (line is null)
        {
            _saidAll.Set();
        }
        else if (!string.IsNullOrWhiteSpace(line))
        {
            _lastWords = line.Trim();
        }
    }

    private FrameException Ended()
    {
        // What it says last often arrives after its last frame, and after its end; a child of it may keep the pipe for good.
        TimeSpan patience = TimeSpan.FromSeconds(5);
        bool hasEnded = _process.WaitForExit(patience);
        _saidAll.Wait(hasEnded ? patience : TimeSpan.Zero);
        string code = hasEnded ? $" with code {_process.ExitCode}" : "";
        return new FrameException($"{_program} ended{code}{(_lastWords.Length > 0 ? $": {_lastWords}" : ".")}");
    }

    private void Kill(bool stalls)
    {
        _stalls |= stalls;
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }
}
