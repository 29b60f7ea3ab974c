using System.CommandLine;
using EdgeConv.Cli.Models;
using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Frames;

namespace EdgeConv.Cli.Commands;

/// <summary>The options of `run --camera`.</summary>
internal sealed class CameraSymbols
{
    private readonly Option<string?> _camera = new("--camera")
    {
        Description = $"Frames instead of a picture, until Ctrl-C: {CameraUri.Forms}.",
        HelpName = "uri",
    };

    private readonly Option<string?> _saveAs = new("--save-as")
    {
        Description = "Save frames of this class for training; needs no model.",
        HelpName = "class",
    };

    private readonly Option<string?> _to = new("--to")
    {
        Description = "The folder with a folder a class that saved frames go to.",
        HelpName = "folder",
    };

    private readonly Option<double?> _saveEvery = new("--save-every")
    {
        Description = "Seconds between two saved frames; by default 0.5 of a camera, and every picture of files.",
        HelpName = "seconds",
    };

    private readonly Option<int?> _frames = new("--frames") { Description = "End after so many frames (saved ones with --save-as).", HelpName = "n" };

    public IEnumerable<Symbol> All => [_camera, _saveAs, _to, _saveEvery, _frames];

    /// <summary>What the line asks for, or null where it asks for no camera.</summary>
    /// <exception cref="UsageException">Options that do not go together.</exception>
    public CameraRequest? Read(ParseResult parsed, int top, bool json)
    {
        string? camera = parsed.GetValue(_camera), saveAs = parsed.GetValue(_saveAs), to = parsed.GetValue(_to);
        double? every = parsed.GetValue(_saveEvery);
        int? frames = parsed.GetValue(_frames);
        if (camera is null)
        {
            string? alone = saveAs is not null ? "--save-as" : to is not null ? "--to" : every is not null ? "--save-every" : frames is not null ? "--frames" : null;
            return alone is null ? null : throw new UsageException($"{alone} goes with --camera. `edgeconv run --help` has an example.");
        }

        if ((saveAs is null) != (to is null) || every is not null && saveAs is null)
        {
            throw new UsageException("to save frames give both --save-as CLASS and --to FOLDER. `edgeconv run --help` has an example.");
        }

        if (saveAs is not null && !FrameFolder.IsClassName(saveAs))
        {
            throw new UsageException($"--save-as is '{saveAs}'; it must be a folder's name of letters, digits, blanks, '-', '_' and '.', with no '.' at the start.");
        }

        TimeSpan? pause = every is null ? null
            : every is >= 0 and <= 86_400 ? TimeSpan.FromSeconds(every.Value)
            : throw new UsageException($"--save-every is {every}; it must be from 0 to 86400 seconds.");
        return new CameraRequest(
            Parse(camera), top, saveAs, to, pause, frames is null ? null : SharedSymbols.AtLeast(frames.Value, 1, "--frames"), json);
    }

    /// <summary>A camera's URI.</summary>
    /// <exception cref="UsageException">Not one.</exception>
    public static CameraUri Parse(string text)
    {
        try
        {
            return CameraUri.Parse(text);
        }
        catch (FrameException error)
        {
            throw new UsageException(error.Message);
        }
    }
}
