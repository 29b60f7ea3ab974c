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

        private readonly II2cBus _bus;
        private readonly byte[] _address = new byte[1];
        private readonly byte[] _command = new byte[2];
        private readonly byte[] _byte = new byte[1];

        /// <summary>Looks whether it is one, and sets it up.</summary>
        /// <exception cref="DeviceException">It does not answer, is another sensor, or has no such size.</exception>
        public Ov2640(II2cBus bus, Ov2640Format format, int width, int height)
        {
            _bus = bus;
            if (width < 4 || height < 4 || width > SensorWidth || height > SensorHeight || (width & 3) != 0 || (height & 3) != 0)
            {
                throw new DeviceException("found a size of " + width + "x" + height + ", expected multiples of four up to " + SensorWidth + "x" + SensorHeight);
            }

            Write(Bank, Sensor);
            int high = ReadByte(ProductIdHigh), low = ReadByte(ProductIdLow);
            if (high != ProductId)
            {
                throw new DeviceException("found a camera with product number " + high + "." + low + ", expected " + ProductId + " of an OV2640");
            }

            Write(Common7, SoftReset);
            Thread.Sleep(ResetMilliseconds);
            Write(Bank, Sensor);
            Write(Common7, Svga);
            Write(Bank, Processor);
            Write(ResetUnits, format == Ov2640Format.Jpeg ? VideoPortAndJpeg : VideoPort);
            Write(SizeIn8Wide, SensorWidth / 8);
            Write(SizeIn8High, SensorHeight / 8);
            Write(Control2, ScaleAndColors);
            Write(ControlI, (byte)(LowPower | Halvings(SensorHeight, height) << 3 | Halvings(SensorWidth, width)));
            Write(WidthIn4, SensorWidth / 4);
            Write(HeightIn4, SensorHeight / 4);
            Write(OffsetX, 0);
            Write(OffsetY, 0);
            Write(HighBits, 0);
            Write(ZoomWidthIn4, (byte)(width / 4));
            Write(ZoomHeightIn4, (byte)(height / 4));
            Write(ZoomHighBits, 0);
            Write(ImageMode, (byte)format);
            Write(Bypass, 0);
            Write(ResetUnits, 0);
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

        private int ReadByte(byte register)
        {
            _address[0] = register;
            if (!_bus.TryTransfer(_address, _byte))
            {
                throw Silent();
            }

            return _byte[0];
        }

        private void Write(byte register, byte value)
        {
            _command[0] = register;
            _command[1] = value;
            if (!_bus.TryTransfer(_command, null))
            {
                throw Silent();
            }
        }

        private static DeviceException Silent()
        {
            return new DeviceException("no camera answers on the I2C bus at 0x30: look at SDA, SCL and power");
        }
    }
}
