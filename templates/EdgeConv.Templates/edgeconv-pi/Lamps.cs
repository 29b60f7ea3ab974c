using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Gpio;
using EdgeConv.Devices.Watching;

namespace CameraToGpio;

/// <summary>Does something about what is seen: a line a class, and a line of text.</summary>
/// <param name="pins">The lines, or null for text only.</param>
/// <param name="output">Told every change.</param>
internal sealed class Lamps(ClassPins? pins, TextWriter output) : IWatchListener
{
    /// <summary>A frame was classified.</summary>
    public void Seen(in Observation observation)
    {
        if (observation.IsChange)
        {
            pins?.Show(observation.Decided);
            output.WriteLine($"{observation.Label}  {observation.Confidence:0.000}");
        }
    }

    /// <summary>The camera sends nothing: what it saw last does not count any more.</summary>
    public void Blind(long now) => pins?.Show(ClassDecider.Unknown);
}
