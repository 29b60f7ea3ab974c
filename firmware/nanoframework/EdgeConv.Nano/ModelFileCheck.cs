namespace EdgeConv.Nano
{
    /// <summary>
    /// Checks the header and the checksum of a model file (FORMAT.md) that arrives in pieces: from flash, a resource, a serial port.
    /// </summary>
    public sealed class ModelFileCheck
    {
        private const int HeaderBytes = 128;
        private const int VersionAt = 8;
        private const int RuleAt = 10;
        private const int LengthAt = 16;
        private const int CrcAt = 20;
        private const int CrcEnd = 24;
        private const string Magic = "EDGECONV";

        private readonly byte[] _start = new byte[CrcEnd];
        private int _length;
        private uint _crc;

        /// <summary>Takes the next piece.</summary>
        /// <param name="bytes">Holds it; not kept.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="count">Its length.</param>
        public void Add(byte[] bytes, int offset, int count)
        {
            int end = offset + count;
            while (offset < end && _length < CrcEnd)
            {
                _start[_length++] = bytes[offset++];
                if (_length == CrcEnd)
                {
                    _crc = Crc32C.Compute(_start, 0, CrcAt, 0);
                    _crc = Crc32C.Compute(new byte[CrcEnd - CrcAt], 0, CrcEnd - CrcAt, _crc);
                }
            }

            _crc = Crc32C.Compute(bytes, offset, end - offset, _crc);
            _length += end - offset;
        }

        /// <summary>What is wrong with all that was added, or null when it is a whole model file.</summary>
        public string Problem()
        {
            if (_length < HeaderBytes)
            {
                return "found " + _length + " bytes, expected a model file of at least " + HeaderBytes;
            }

            for (int i = 0; i < Magic.Length; i++)
            {
                if (_start[i] != Magic[i])
                {
                    return "this is not an EdgeConv model: the first eight bytes are not " + Magic;
                }
            }

            if (Read(VersionAt, 2) != 1)
            {
                return "found format version " + Read(VersionAt, 2) + ", this firmware reads 1";
            }

            if (Read(RuleAt, 2) != 1)
            {
                return "found rounding rule " + Read(RuleAt, 2) + ", this firmware computes 1";
            }

            if (Read(LengthAt, 4) != (uint)_length)
            {
                return "the header says " + Read(LengthAt, 4) + " bytes, found " + _length;
            }

            return Read(CrcAt, 4) == _crc ? null : "the checksum is not the header's; the file was damaged";
        }

        private uint Read(int at, int bytes)
        {
            uint value = 0;
            for (int i = bytes - 1; i >= 0; i--)
            {
                value = (value << 8) | _start[at + i];
            }

            return value;
        }
    }
}
