using System.Device.I2c;
using Iot.Device.Ssd13xx.Commands;
using Iot.Device.Ssd13xx.Commands.Ssd1306Commands;

namespace EdgeConv.Samples.ClassOnDisplay;

/// <summary>
/// A display of 128x32 pixels with an SSD1306, over I2C: the commands of Iot.Device.Bindings, sent as they are. Its class for the whole display draws text
/// and pictures, and wants SkiaSharp for that.
/// </summary>
public sealed class Display
{
    // The byte behind the address says what follows, to the end of the transfer.
    private const byte Commands = 0x00, Data = 0x40;

    private readonly I2cDevice _device;

    /// <summary>Sets it up and switches it on, dark.</summary>
    /// <param name="device">Its address on the bus; stays the caller's.</param>
    /// <exception cref="InvalidOperationException">Nothing answers at that address.</exception>
    public Display(I2cDevice device)
    {
        _device = device;
        try
        {
            Send(new SetDisplayOff());
            Send(new SetMultiplexRatio(SevenSegment.Height - 1));
            Send(new SetComPinsHardwareConfiguration(alternativeComPinConfiguration: false));   // rows in order, as modules of 32 are wired
            Send(new SetSegmentReMap(columnAddress127: true));                                  // upright with the pins above
            Send(new SetComOutputScanDirection(normalMode: false));
            Send(new SetMemoryAddressingMode(SetMemoryAddressingMode.AddressingMode.Horizontal));
            Send(new SetChargePump(enableChargePump: true));                                    // makes the panel's 7 V out of 3.3 V
            Show(new byte[SevenSegment.Width * SevenSegment.Height / 8]);
            Send(new SetDisplayOn());
        }
        catch (IOException error)
        {
            throw new InvalidOperationException($"nothing answers at address 0x{device.ConnectionSettings.DeviceAddress:X2} of I2C bus "
                + $"{device.ConnectionSettings.BusId}; expected an SSD1306: look at SDA, SCL, power, and the address on the module's back ({error.Message}).", error);
        }
    }

    /// <summary>Shows a picture.</summary>
    /// <param name="pages">Columns of eight pixels, page after page, the top pixel in bit 0: 512 bytes.</param>
    /// <exception cref="IOException">The display does not answer any more.</exception>
    public void Show(byte[] pages)
    {
        Send(new SetColumnAddress());
        Send(new SetPageAddress(PageAddress.Page0, PageAddress.Page3));
        _device.Write([Data, .. pages]);
    }

    private void Send(ICommand command) => _device.Write([Commands, .. command.GetBytes()]);
}
