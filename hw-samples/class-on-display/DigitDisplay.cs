using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Watching;

namespace EdgeConv.Samples.ClassOnDisplay;

/// <summary>The decided digit in the middle of the display, nothing while none is.</summary>
public sealed class DigitDisplay : IWatchListener, IDisposable
{
    private readonly Display _display;
    private readonly TextWriter _output;

    /// <param name="display">Shows the digits.</param>
    /// <param name="classes">Of the model.</param>
    /// <param name="output">Told every change.</param>
    /// <exception cref="InvalidOperationException">Not a model of ten digits.</exception>
    public DigitDisplay(Display display, int classes, TextWriter output)
    {
        _display = display;
        _output = output;
        if (classes != 10)
        {
            throw new InvalidOperationException($"the model tells {classes} classes apart; expected ten digits.");
        }
    }

    /// <inheritdoc/>
    public void Seen(in Observation observation)
    {
        if (observation.IsChange)
        {
            Draw(observation.Decided);
            _output.WriteLine(observation.Label);
        }
    }

    /// <inheritdoc/>
    public void Blind(long now) => Draw(ClassDecider.Unknown);

    /// <summary>Leaves the display dark.</summary>
    public void Dispose() => Draw(ClassDecider.Unknown);

    private void Draw(int digit) => _display.Show(SevenSegment.Draw(digit));
}
