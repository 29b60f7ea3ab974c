using System.Globalization;
using EdgeConv.Agent.Operating;
using EdgeConv.Devices.Acting;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Watching;

namespace EdgeConv.Agent;

/// <summary>A line of text a change: the frame's number, the class, its confidence.</summary>
internal sealed class ChangeLog(Journal log) : IWatchListener
{
    private bool _sees;
    private bool _everSaw;
    private long _frames;

    public void Seen(in Observation observation)
    {
        _frames++;
        if (!observation.IsChange)
        {
            return;
        }

        _everSaw = true;
        _sees = observation.Decided != ClassDecider.Unknown;
        string confidence = _sees ? "  " + observation.VotedConfidence.ToString("F3", CultureInfo.InvariantCulture) : "";
        log.Information($"{observation.Frame.Number}  {observation.Label}{confidence}");
    }

    public void Blind(long now)
    {
        if (_sees)
        {
            _sees = false;
            log.Warning("no frames  unknown");
        }
    }

    /// <summary>At the end: a few pictures may be too few for any decision, which silence would not tell from a failure.</summary>
    public void Finish()
    {
        if (!_everSaw && _frames > 0)
        {
            log.Information($"{_frames} {(_frames == 1 ? "frame" : "frames")}, and no class was decided; fewer --votes or a lower --threshold decide sooner");
        }
    }
}

/// <summary>Saves every frame; a full disk is said, and the camera watched all the same.</summary>
internal sealed class FrameSaver(FrameFolder folder, Action<string> say) : IWatchListener
{
    private readonly Complaints _complaints = new("--to", say);

    public void Seen(in Observation observation)
    {
        try
        {
            folder.Save(observation.Frame.Picture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _complaints.Add(error.Message);
        }
    }

    public void Blind(long now)
    {
    }
}
