namespace EdgeConv.Nano.Devices
{
    /// <summary>
    /// Frames over a serial port. A frame is a head of 10 bytes (0xEC, 0x4E, format, rule of its colours, width and height as two bytes each, and the
    /// low two bytes of the CRC-32C of these eight), the pixels, and the CRC-32C of head and pixels; numbers have their low byte first. After damage
    /// it looks for the next head, also among the bytes of what it took for a frame.
    /// </summary>
    public sealed class FrameReceiver : IFrameSource
    {
        /// <summary>The first byte of a head.</summary>
        public const byte FirstSync = 0xEC;

        /// <summary>The second byte of a head.</summary>
        public const byte SecondSync = 0x4E;

        /// <summary>Bytes of a head.</summary>
        public const int HeadBytes = 10;

        /// <summary>Bytes of the checksum at the end.</summary>
        public const int TailBytes = 4;

        private const int FormatAt = 2;
        private const int YuvAt = 3;
        private const int WidthAt = 4;
        private const int HeightAt = 6;
        private const int CheckAt = 8;

        private readonly IByteSource _port;
        private readonly byte[] _head = new byte[HeadBytes];
        private readonly int _mostPixelBytes;
        private int _headCount;
        private int _bodyCount;
        private int _taken;

        /// <summary>Over a port.</summary>
        /// <param name="port">Where the bytes come from; a read that finds none within its patience gives 0.</param>
        /// <param name="mostPixelBytes">Room for the pixels of a frame; larger frames are passed over.</param>
        public FrameReceiver(IByteSource port, int mostPixelBytes)
        {
            _port = port;
            _mostPixelBytes = mostPixelBytes;
            Picture = new Picture();
            Picture.Pixels = new byte[mostPixelBytes + TailBytes];
        }

        /// <inheritdoc/>
        public Picture Picture { get; }

        /// <inheritdoc/>
        public string Problem { get; private set; }

        /// <inheritdoc/>
        public bool TryRead()
        {
            Discard(_taken);
            _taken = 0;
            while (true)
            {
                if (!FillHead())
                {
                    Problem = "no frame came in time";
                    return false;
                }

                int pixelBytes = PixelBytes();
                if (pixelBytes < 0)
                {
                    Discard(NextHead());
                    continue;
                }

                if (!FillBody(pixelBytes + TailBytes))
                {
                    Problem = "a frame broke off after " + _bodyCount + " of " + (pixelBytes + TailBytes) + " bytes";
                    return false;
                }

                uint crc = Crc32C.Compute(Picture.Pixels, 0, pixelBytes, Crc32C.Compute(_head, 0, HeadBytes, 0));
                if (crc != Tail(pixelBytes))
                {
                    Problem = "a frame was damaged on its way";
                    Discard(NextHead());
                    return false;
                }

                Picture.Format = (PixelFormat)_head[FormatAt];
                Picture.Yuv = (YuvRule)_head[YuvAt];
                Picture.Width = Number(WidthAt);
                Picture.Height = Number(HeightAt);
                _taken = HeadBytes + pixelBytes + TailBytes;
                Problem = null;
                return true;
            }
        }

        private bool FillHead()
        {
            while (_headCount < HeadBytes)
            {
                int read = _port.Read(_head, _headCount, HeadBytes - _headCount);
                if (read <= 0)
                {
                    return false;
                }

                _headCount += read;
            }

            return true;
        }

        private bool FillBody(int bytes)
        {
            while (_bodyCount < bytes)
            {
                int read = _port.Read(Picture.Pixels, _bodyCount, bytes - _bodyCount);
                if (read <= 0)
                {
                    return false;
                }

                _bodyCount += read;
            }

            return true;
        }

        /// <summary>Bytes of the pixels that the head announces; -1 where it is no head, or for more than there is room.</summary>
        private int PixelBytes()
        {
            if (_head[0] != FirstSync || _head[1] != SecondSync || Number(CheckAt) != (int)(Crc32C.Compute(_head, 0, CheckAt, 0) & 0xFFFF))
            {
                return -1;
            }

            int width = Number(WidthAt), height = Number(HeightAt);
            if (_head[FormatAt] > (int)PixelFormat.Rgb565BigEndian || width == 0 || height == 0 || width > _mostPixelBytes || height > _mostPixelBytes / width)
            {
                return -1;
            }

            int bytes = Picture.ByteLength((PixelFormat)_head[FormatAt], width, height);
            return bytes > _mostPixelBytes ? -1 : bytes;
        }

        /// <summary>How many of the bytes at hand come before the next that may begin a head; at least one.</summary>
        private int NextHead()
        {
            int count = _headCount + _bodyCount;
            for (int i = 1; i < count; i++)
            {
                if (At(i) == FirstSync && (i + 1 == count || At(i + 1) == SecondSync))
                {
                    return i;
                }
            }

            return count;
        }

        /// <summary>Drops the first of the bytes at hand; those behind them become a head and a body.</summary>
        private void Discard(int count)
        {
            int left = _headCount + _bodyCount - count;
            if (count == 0)
            {
                return;
            }

            for (int i = 0; i < left; i++)
            {
                byte value = At(i + count);
                if (i < HeadBytes)
                {
                    _head[i] = value;
                }
                else
                {
                    Picture.Pixels[i - HeadBytes] = value;
                }
            }

            _headCount = left < HeadBytes ? left : HeadBytes;
            _bodyCount = left - _headCount;
        }

        private byte At(int i)
        {
            return i < HeadBytes ? _head[i] : Picture.Pixels[i - HeadBytes];
        }

        private int Number(int at)
        {
            return _head[at] | _head[at + 1] << 8;
        }

        private uint Tail(int at)
        {
            byte[] bytes = Picture.Pixels;
            return bytes[at] | (uint)bytes[at + 1] << 8 | (uint)bytes[at + 2] << 16 | (uint)bytes[at + 3] << 24;
        }
    }
}
