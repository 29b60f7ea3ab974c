using System.Threading;

namespace EdgeConv.Nano.Devices
{
    /// <summary>
    /// An ArduCAM shield with an OV2640: the frame is taken into the shield's memory and read over SPI. In JPEG mode only the means of 8 x 8 pixels are
    /// decoded, as grey: 320 x 240 pixels become 40 x 30, and the file is never held in memory.
    /// </summary>
    public sealed class ArduCam : IFrameSource
    {
        /// <summary>I2C address of the sensor.</summary>
        public const int SensorAddress = 0x30;

        private const int FirstEcho = 0x55;
        private const int SecondEcho = 0xAA;
        private const int PollMilliseconds = 2;

        // a raw frame may be followed by what fills its last burst, not by another frame
        private const int MostTrailingBytes = 64;

        private readonly ArduChip _chip;
        private readonly JpegThumbnail _thumbnail;
        private readonly int _frameBytes;
        private readonly int _timeout;

        /// <summary>Looks whether both chips are there, and sets the sensor up.</summary>
        /// <param name="spi">The shield, at up to 8 MHz in mode 0.</param>
        /// <param name="sensor">The sensor, at address 0x30.</param>
        /// <param name="format">What is taken.</param>
        /// <param name="width">Columns of the frame, a multiple of four up to 800, of eight for JPEG.</param>
        /// <param name="height">Rows of the frame, a multiple of four up to 600, of eight for JPEG.</param>
        /// <param name="timeoutMilliseconds">Patience with a frame.</param>
        /// <exception cref="DeviceException">A chip does not answer, is another one, or has no such size.</exception>
        public ArduCam(ISpiBus spi, II2cBus sensor, Ov2640Format format, int width, int height, int timeoutMilliseconds)
        {
            _chip = new ArduChip(spi);
            _timeout = timeoutMilliseconds;
            int first = _chip.Echo(FirstEcho), second = _chip.Echo(SecondEcho);
            if (first != FirstEcho || second != SecondEcho)
            {
                throw new DeviceException("found " + first + " and " + second + " in the shield's test register, expected " + FirstEcho + " and " + SecondEcho
                    + ": look at CS, MOSI, MISO, SCK and power");
            }

            new Ov2640(sensor, format, width, height);
            Picture = new Picture();
            if (format == Ov2640Format.Jpeg)
            {
                _thumbnail = new JpegThumbnail(width / 8, height / 8);
                return;
            }

            _frameBytes = 2 * width * height;
            Picture.Pixels = new byte[_frameBytes];
            Picture.Width = width;
            Picture.Height = height;
            Picture.Format = format == Ov2640Format.Rgb565 ? PixelFormat.Rgb565BigEndian : PixelFormat.Yuyv;
            Picture.Yuv = YuvRule.Bt601Full;
        }

        /// <summary>The newest frame. Set the rule of its colours where the sensor was set up for another than JPEG's.</summary>
        public Picture Picture { get; }

        /// <inheritdoc/>
        public string Problem { get; private set; }

        /// <inheritdoc/>
        public bool TryRead()
        {
            if (!_chip.TryStart())
            {
                return Failed("the shield does not answer on the SPI bus");
            }

            for (int waited = 0; !_chip.IsDone(); waited += PollMilliseconds)
            {
                if (!_chip.IsBusGood)
                {
                    return Failed("the shield does not answer on the SPI bus");
                }

                if (waited >= _timeout)
                {
                    return Failed("no frame within " + _timeout + " ms");
                }

                Thread.Sleep(PollMilliseconds);
            }

            int length = _chip.Length();
            return _thumbnail == null ? ReadRaw(length) : ReadThumbnail(length);
        }

        private bool ReadRaw(int length)
        {
            if (length < _frameBytes || length > _frameBytes + MostTrailingBytes)
            {
                return Failed("found a frame of " + length + " bytes, expected " + _frameBytes);
            }

            int count = 0;
            while (count < _frameBytes)
            {
                int read = _chip.Read(Picture.Pixels, count, _frameBytes - count);
                if (read == 0)
                {
                    return Failed("the SPI bus failed after " + count + " of " + _frameBytes + " bytes");
                }

                count += read;
            }

            Problem = null;
            return true;
        }

        private bool ReadThumbnail(int length)
        {
            if (length <= 0)
            {
                return Failed("found an empty frame, expected a JPEG file");
            }

            if (_thumbnail.TryRead(_chip, Picture))
            {
                Problem = null;
                return true;
            }

            return Failed(_chip.IsBusGood ? _thumbnail.Problem : "the SPI bus failed within a frame");
        }

        private bool Failed(string problem)
        {
            Problem = problem;
            return false;
        }
    }
}
