using System.Globalization;
using EdgeConv.Agent.Operating;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Gpio;
using EdgeConv.Devices.Watching;

namespace EdgeConv.Agent;

/// <summary>A line of text a change: the frame's number, the class, its confidence.</summary>
internal sealed class ChangeLog(Journal log) : IWatchListener
{
    private bool _sees;

    public void Seen(in Observation observation)
    {
        if (!observation.IsChange)
        {
            return;
        }

        _sees = observation.Decided != ClassDecider.Unknown;
        string confidence = _sees ? "  " + observation.Confidence.ToString("F3", CultureInfo.InvariantCulture) : "";
        log.Information($"{observation.Frame.Number}  {observation.Label}{confidence}");
    }

    public void Blind(long now)
    {
        if (_sees)
        {
            _sees = false;
            log.Information("no frames  unknown");
        }
    }
}

/// <summary>The line of the decided class is on.</summary>
internal sealed class PinListener(ClassPins pins) : IWatchListener
{
    public void Seen(in Observation observation) => pins.Show(observation.Decided);

    public void Blind(long now) => pins.Show(ClassDecider.Unknown);
}

/// <summary>Saves every frame.</summary>
internal sealed class FrameSaver(FrameFolder folder) : IWatchListener
{
    public void Seen(in Observation observation) => folder.Save(observation.Frame.Picture);

    public void Blind(long now)
    {
    }
}
