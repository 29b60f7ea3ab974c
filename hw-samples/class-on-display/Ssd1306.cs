using System.Device.I2c;

namespace EdgeConv.Samples.ClassOnDisplay;

/// <summary>A display of 128x32 pixels with an SSD1306, over I2C.</summary>
public sealed class Ssd1306
{
    /// <summary>Columns of the display.</summary>
    public const int Width = 128;

    /// <summary>Rows of the display.</summary>
    public const int Height = 32;

    private const int Pages = Height / 8;

    // The byte behind the address says what follows, to the end of the transfer.
    private const byte Commands = 0x00, Data = 0x40;
    private const byte Off = 0xAE, On = 0xAF;

    private readonly I2cDevice _device;
    private readonly byte[] _picture = [Data, .. new byte[Width * Pages]];

    /// <summary>Sets it up and switches it on, dark.</summary>
    /// <param name="device">Its address on the bus; stays the caller's.</param>
    /// <exception cref="InvalidOperationException">Nothing answers at that address.</exception>
    public Ssd1306(I2cDevice device)
    {
        _device = device;
        try
        {
            Send(
                Off,
                0xA8, Height - 1,      // rows that are driven
                0xDA, 0x02,            // in their order, as modules of 32 rows are wired
                0xA1, 0xC8,            // the last column and the last row first: upright with the pins above
                0x20, 0x00,            // data goes on from column to column, then from page to page
                0x21, 0, Width - 1,
                0x22, 0, Pages - 1,
                0x8D, 0x14);           // the pump makes the panel's 7 V out of 3.3 V
            Show(new byte[Width * Pages]);
            Send(On);
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
    public void Show(ReadOnlySpan<byte> pages)
    {
        // A whole picture ends where the next one begins.
        pages.CopyTo(_picture.AsSpan(1, Width * Pages));
        _device.Write(_picture);
    }

    private void Send(params ReadOnlySpan<byte> commands) => _device.Write([Commands, .. commands]);
}
