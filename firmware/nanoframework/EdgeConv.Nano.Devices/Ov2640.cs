using System.Threading;

namespace EdgeConv.Nano.Devices
{
    /// <summary>What an OV2640 sends.</summary>
    public enum Ov2640Format
    {
        /// <summary>Y U Y V.</summary>
        Yuyv = 0x00,

        /// <summary>Two bytes a pixel, the high one first.</summary>
        Rgb565 = 0x08,

        /// <summary>JPEG files.</summary>
        Jpeg = 0x10,
    }

    /// <summary>
    /// OmniVision OV2640 over its control bus, which is I2C at address 0x30. Registers are in two banks: that of the sensor, and that of the processor
    /// which scales its 800 x 600 pixels down. Names and fields are those of the data sheet.
    /// </summary>
    internal sealed class Ov2640
    {
        private const int SensorWidth = 800;
        private const int SensorHeight = 600;
        private const int ProductId = 0x26;

        private const byte Bank = 0xFF;
        private const byte Processor = 0x00;
        private const byte Sensor = 0x01;

        private const byte ProductIdHigh = 0x0A;
        private const byte ProductIdLow = 0x0B;
        private const byte Common7 = 0x12;
        private const byte SoftReset = 0x80;
        private const byte Svga = 0x40;

        private const byte ResetUnits = 0xE0;
        private const byte VideoPort = 0x04;
        private const byte VideoPortAndJpeg = 0x14;
        private const byte Bypass = 0x05;
        private const byte ImageMode = 0xDA;
        private const byte SizeIn8Wide = 0xC0;
        private const byte SizeIn8High = 0xC1;
        private const byte Control2 = 0x86;
        private const byte ScaleAndColors = 0x3D;
        private const byte ControlI = 0x50;
        private const int LowPower = 0x80;
        private const byte WidthIn4 = 0x51;
        private const byte HeightIn4 = 0x52;
        private const byte OffsetX = 0x53;
        private const byte OffsetY = 0x54;
        private const byte HighBits = 0x55;
        private const byte ZoomWidthIn4 = 0x5A;
        private const byte ZoomHeightIn4 = 0x5B;
        private const byte ZoomHighBits = 0x5C;

        private const int ResetMilliseconds = 10;

        private readonly I2cRegisters _registers;

        /// <summary>Looks whether it is one, and sets it up.</summary>
        /// <exception cref="DeviceException">It does not answer, is another sensor, or has no such size.</exception>
        public Ov2640(II2cBus bus, Ov2640Format format, int width, int height)
        {
            _registers = new I2cRegisters(bus, "no camera answers on the I2C bus at 0x30: look at SDA, SCL and power");
            if (width < 4 || height < 4 || width > SensorWidth || height > SensorHeight || (width & 3) != 0 || (height & 3) != 0)
            {
                throw new DeviceException("found a size of " + width + "x" + height + ", expected multiples of four up to " + SensorWidth + "x" + SensorHeight);
            }

            _registers.Write(Bank, Sensor);
            int high = _registers.Read(ProductIdHigh), low = _registers.Read(ProductIdLow);
            if (high != ProductId)
            {
                throw new DeviceException("found a camera with product number " + high + "." + low + ", expected " + ProductId + " of an OV2640");
            }

            _registers.Write(Common7, SoftReset);
            Thread.Sleep(ResetMilliseconds);
            _registers.Write(Bank, Sensor);
            _registers.Write(Common7, Svga);
            _registers.Write(Bank, Processor);
            _registers.Write(ResetUnits, format == Ov2640Format.Jpeg ? VideoPortAndJpeg : VideoPort);
            _registers.Write(SizeIn8Wide, SensorWidth / 8);
            _registers.Write(SizeIn8High, SensorHeight / 8);
            _registers.Write(Control2, ScaleAndColors);
            _registers.Write(ControlI, (byte)(LowPower | Halvings(SensorHeight, height) << 3 | Halvings(SensorWidth, width)));
            _registers.Write(WidthIn4, SensorWidth / 4);
            _registers.Write(HeightIn4, SensorHeight / 4);
            _registers.Write(OffsetX, 0);
            _registers.Write(OffsetY, 0);
            _registers.Write(HighBits, 0);
            _registers.Write(ZoomWidthIn4, (byte)(width / 4));
            _registers.Write(ZoomHeightIn4, (byte)(height / 4));
            _registers.Write(ZoomHighBits, 0);
            _registers.Write(ImageMode, (byte)format);
            _registers.Write(Bypass, 0);
            _registers.Write(ResetUnits, 0);
        }

        /// <summary>How often a side is halved before it is scaled, which is for less than a half.</summary>
        private static int Halvings(int size, int wanted)
        {
            int halvings = 0;
            while (halvings < 7 && size >> (halvings + 1) >= wanted)
            {
                halvings++;
            }

            return halvings;
        }
    }
}
