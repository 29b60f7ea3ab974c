namespace EdgeConv.Tests.Firmware.Sensors;

/// <summary>A Grid-EYE at the level of its registers.</summary>
internal sealed class SimulatedAmg88xx : RegisterDevice
{
    private const int FrameRate = 0x02, Thermistor = 0x0E, Pixels = 0x80;

    /// <summary>A sensor that sees one temperature everywhere.</summary>
    public SimulatedAmg88xx(double celsius = 20)
    {
        for (int i = 0; i < 64; i++)
        {
            Set(i, celsius);
        }

        SetThermistor(celsius);
    }

    /// <summary>A pixel: quarters of a degree, two's complement of twelve bits.</summary>
    public void Set(int pixel, double celsius) => SetWord(Pixels + 2 * pixel, (int)Math.Round(celsius * 4) & 0xFFF);

    /// <summary>The thermistor: sixteenths of a degree, sign and eleven bits.</summary>
    public void SetThermistor(double celsius) => SetWord(Thermistor, (int)Math.Round(Math.Abs(celsius) * 16) | (celsius < 0 ? 0x800 : 0));

    // one bit of the frame rate register is there, the others read as zero
    protected override void Write(int register, byte value)
    {
        if (register < 8)
        {
            Registers[register] = register == FrameRate ? (byte)(value & 1) : value;
        }
    }

    private void SetWord(int register, int value) => (Registers[register], Registers[register + 1]) = ((byte)value, (byte)(value >> 8));
}
