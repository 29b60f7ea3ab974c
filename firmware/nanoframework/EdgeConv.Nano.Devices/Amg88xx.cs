using System.Threading;

namespace EdgeConv.Nano.Devices
{
    /// <summary>
    /// Panasonic Grid-EYE AMG88xx, 8 x 8 temperatures over I2C at up to ten frames a second; registers and formats are those of its data sheet. As a
    /// picture it has 8 x 8 grey pixels: a range of temperatures is spread over 0 to 255.
    /// </summary>
    public sealed class Amg88xx : IFrameSource
    {
        /// <summary>I2C address with AD_SELECT high; low it is 0x68.</summary>
        public const int Address = 0x69;

        /// <summary>Pixels a side.</summary>
        public const int Side = 8;

        private const byte PowerControl = 0x00;
        private const byte Reset = 0x01;
        private const byte FrameRate = 0x02;
        private const byte Thermistor = 0x0E;
        private const byte FirstPixel = 0x80;

        private const byte Normal = 0x00;
        private const byte InitialReset = 0x3F;
        private const byte TenFrames = 0x00;
        private const byte OneFrame = 0x01;

        // pixel and thermistor have 12 bits in two bytes, the low one first
        private const int UnusedBits = 0xF0;
        private const int SignShift = 20;
        private const int PowerUpMilliseconds = 50;
        private const int ResetMilliseconds = 2;

        private readonly I2cRegisters _registers;
        private readonly byte[] _word = new byte[2];
        private readonly byte[] _raw = new byte[2 * Side * Side];
        private readonly int _coldest;
        private readonly int _range;

        /// <summary>Wakes the sensor, resets it and looks whether it is one.</summary>
        /// <param name="bus">The sensor on its bus.</param>
        /// <param name="coldest">Temperature of black pixels, in quarters of a degree Celsius.</param>
        /// <param name="hottest">Temperature of white ones.</param>
        /// <exception cref="DeviceException">It does not answer, or not as an AMG88xx does.</exception>
        public Amg88xx(II2cBus bus, int coldest, int hottest)
        {
            if (hottest <= coldest)
            {
                throw new DeviceException("found a range of " + coldest + " to " + hottest + " quarter degrees, expected the hotter end second");
            }

            _registers = new I2cRegisters(bus,
                "no AMG88xx answers on the I2C bus: look at SDA, SCL, power, and the address (0x69, or 0x68 with AD_SELECT low)");
            _coldest = coldest;
            _range = hottest - coldest;
            Temperatures = new int[Side * Side];
            Picture = new Picture();
            Picture.Pixels = new byte[Side * Side];
            Picture.Width = Side;
            Picture.Height = Side;
            Picture.Format = PixelFormat.Gray8;
            _registers.Write(PowerControl, Normal);
            Thread.Sleep(PowerUpMilliseconds);
            _registers.Write(Reset, InitialReset);
            Thread.Sleep(ResetMilliseconds);
            Identify();
        }

        /// <inheritdoc/>
        public Picture Picture { get; }

        /// <summary>The newest frame in quarters of a degree Celsius, row by row.</summary>
        public int[] Temperatures { get; }

        /// <inheritdoc/>
        public string Problem { get; private set; }

        /// <inheritdoc/>
        public bool TryRead()
        {
            if (!_registers.TryRead(FirstPixel, _raw))
            {
                Problem = "the sensor does not answer on the I2C bus";
                return false;
            }

            for (int i = 0; i < _raw.Length; i += 2)
            {
                if ((_raw[i + 1] & UnusedBits) != 0)
                {
                    Problem = "pixel " + i / 2 + " has bits that no pixel has: the read was disturbed";
                    return false;
                }
            }

            byte[] pixels = Picture.Pixels;
            for (int i = 0; i < pixels.Length; i++)
            {
                int temperature = (_raw[2 * i] | _raw[2 * i + 1] << 8) << SignShift >> SignShift;
                Temperatures[i] = temperature;
                int gray = (2 * 255 * (temperature - _coldest) + _range) / (2 * _range);
                pixels[i] = (byte)(temperature <= _coldest ? 0 : gray > 255 ? 255 : gray);
            }

            Problem = null;
            return true;
        }

        /// <summary>The sensor's own temperature, in sixteenths of a degree Celsius.</summary>
        public bool TryReadThermistor(out int sixteenths)
        {
            sixteenths = 0;
            if (!_registers.TryRead(Thermistor, _word) || (_word[1] & UnusedBits) != 0)
            {
                return false;
            }

            // unlike a pixel it is sign and magnitude
            int magnitude = _word[0] | (_word[1] & 0x07) << 8;
            sixteenths = (_word[1] & 0x08) != 0 ? -magnitude : magnitude;
            return true;
        }

        // It has no register with its name. What tells it from others at its address: the frame rate is the bit that was written and no
        // other, and a temperature has twelve bits.
        private void Identify()
        {
            _registers.Write(FrameRate, OneFrame);
            int one = _registers.Read(FrameRate);
            _registers.Write(FrameRate, TenFrames);
            int ten = _registers.Read(FrameRate);
            int high = _registers.Read(Thermistor + 1);
            if (one != OneFrame || ten != TenFrames || (high & UnusedBits) != 0)
            {
                throw new DeviceException("found another device: frame rate " + one + " and " + ten + ", thermistor " + high
                    + "; expected 1, 0 and less than 16 of an AMG88xx. Look at its address");
            }
        }
    }
}
