using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Watching;
using Iot.Device.Ssd13xx;
using Iot.Device.Ssd13xx.Commands;
using Iot.Device.Ssd13xx.Commands.Ssd1306Commands;

namespace EdgeConv.Samples.ClassOnDisplay;

/// <summary>The decided digit in the middle of the display, nothing while none is.</summary>
internal sealed class DigitDisplay : IWatchListener
{
    private readonly Ssd1306 _display;

    /// <param name="display">128x32; switched on here.</param>
    /// <param name="classes">Of the model.</param>
    /// <exception cref="InvalidOperationException">Not a model of ten digits.</exception>
    public DigitDisplay(Ssd1306 display, int classes)
    {
        if (classes != 10)
        {
            throw new InvalidOperationException($"the model tells {classes} classes apart; expected ten digits.");
        }

        _display = display;

        // What the display's data sheet says for 32 rows; the pump makes the panel's 7 V out of 3.3 V.
        _display.SendCommand(new SetDisplayOff());
        _display.SendCommand(new SetMultiplexRatio(SevenSegment.Height - 1));
        _display.SendCommand(new SetComPinsHardwareConfiguration(alternativeComPinConfiguration: false));
        _display.SendCommand(new SetMemoryAddressingMode(SetMemoryAddressingMode.AddressingMode.Horizontal));
        _display.SendCommand(new SetChargePump(enableChargePump: true));
        Draw(ClassDecider.Unknown);
        _display.SendCommand(new SetDisplayOn());
    }

    public void Seen(in Observation observation)
    {
        if (observation.IsChange)
        {
            Draw(observation.Decided);
            Console.WriteLine(observation.Label);
        }
    }

    public void Blind(long now) => Draw(ClassDecider.Unknown);

    private void Draw(int digit)
    {
        _display.SendCommand(new SetColumnAddress());
        _display.SendCommand(new SetPageAddress(PageAddress.Page0, PageAddress.Page3));
        _display.SendData(SevenSegment.Draw(digit));
    }
}
