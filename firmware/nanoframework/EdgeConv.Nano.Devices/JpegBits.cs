namespace EdgeConv.Nano.Devices
{
    /// <summary>Bytes, markers and bits of a JPEG file, read in small pieces.</summary>
    internal sealed class JpegBits
    {
        private const int Mark = 0xFF;
        private const int FirstRestart = 0xD0;

        private readonly byte[] _buffer = new byte[64];
        private IByteSource _source;
        private int _at;
        private int _end;
        private int _bits;
        private int _bitCount;
        private int _missing;
        private int _marker;

        /// <summary>True once bits were dropped that the file does not have.</summary>
        public bool HasEnded { get; private set; }

        /// <summary>A new file.</summary>
        public void Begin(IByteSource source)
        {
            _source = source;
            _at = 0;
            _end = 0;
            StartCodes();
        }

        /// <summary>Bits follow.</summary>
        public void StartCodes()
        {
            _bits = 0;
            _bitCount = 0;
            _missing = 0;
            _marker = -1;
            HasEnded = false;
        }

        /// <summary>The next byte, or -1.</summary>
        public int Byte()
        {
            if (_at == _end)
            {
                _at = 0;
                _end = _source.Read(_buffer, 0, _buffer.Length);
                if (_end <= 0)
                {
                    _end = 0;
                    return -1;
                }
            }

            return _buffer[_at++];
        }

        /// <summary>Two bytes, the high one first; negative past the end.</summary>
        public int Word()
        {
            int high = Byte();
            return high << 8 | Byte();
        }

        /// <summary>Steps over bytes.</summary>
        public void Skip(int count)
        {
            for (int i = 0; i < count && Byte() >= 0; i++)
            {
            }
        }

        /// <summary>Steps over everything up to a marker.</summary>
        public bool Find(int marker)
        {
            int last = 0, next = Byte();
            while (next >= 0 && (last != Mark || next != marker))
            {
                last = next;
                next = Byte();
            }

            return next >= 0;
        }

        /// <summary>The next marker, or -1.</summary>
        public int NextMarker()
        {
            int next = Byte();
            while (next >= 0 && next != Mark)
            {
                next = Byte();
            }

            while (next == Mark)
            {
                next = Byte();
            }

            return next;
        }

        /// <summary>Begins anew behind a restart marker.</summary>
        public bool Restart()
        {
            int marker = _marker >= 0 ? _marker : NextMarker();
            StartCodes();
            return marker >= FirstRestart && marker < FirstRestart + 8;
        }

        /// <summary>The next bits, at most 16, without taking them; zeros past the end.</summary>
        public int Peek(int count)
        {
            while (_bitCount < count)
            {
                _bits = (_bits << 8 | NextByte()) & 0xFFFFFF;
                _bitCount += 8;
            }

            return _bits >> (_bitCount - count) & ((1 << count) - 1);
        }

        /// <summary>Takes bits that were seen.</summary>
        public void Drop(int count)
        {
            _bitCount -= count;
            if (_bitCount < _missing)
            {
                HasEnded = true;
            }
        }

        /// <summary>Takes a number of that many bits, coded as JPEG does: the upper half is positive.</summary>
        public int Signed(int size)
        {
            if (size == 0)
            {
                return 0;
            }

            int value = Peek(size);
            Drop(size);
            return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
        }

        private int NextByte()
        {
            int next = _marker >= 0 ? -1 : Byte();
            if (next == Mark)
            {
                int after = Byte();
                if (after != 0)
                {
                    _marker = after;
                    next = -1;
                }
            }

            if (next >= 0)
            {
                return next;
            }

            _missing += 8;
            return 0;
        }
    }
}
