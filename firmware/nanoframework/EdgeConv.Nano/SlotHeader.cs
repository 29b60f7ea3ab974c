using System;

namespace EdgeConv.Nano
{
    /// <summary>
    /// What an image of weights begins with, the same as generated C checks: magic, length, CRC-32C of all behind it, version, and the identity of
    /// the code that the image is for; 32 bytes.
    /// </summary>
    public sealed class SlotHeader
    {
        /// <summary>Bytes before the tables.</summary>
        public const int Bytes = 32;

        /// <summary>Where what the checksum is over begins.</summary>
        public const int CheckedAt = 12;

        private const uint Magic = 0x53574345;
        private const int LengthAt = 4;
        private const int CrcAt = 8;
        private const int VersionAt = 12;
        private const int CodeAt = 16;

        private readonly bool _hasMagic;
        private readonly uint _length, _code;

        /// <param name="bytes">The first 32 of an image.</param>
        public SlotHeader(byte[] bytes)
        {
            _hasMagic = BitConverter.ToUInt32(bytes, 0) == Magic;
            _length = BitConverter.ToUInt32(bytes, LengthAt);
            _code = BitConverter.ToUInt32(bytes, CodeAt);
            Crc = BitConverter.ToUInt32(bytes, CrcAt);
            Version = BitConverter.ToUInt32(bytes, VersionAt);
        }

        /// <summary>Header and tables; sound only where <see cref="Problem"/> finds none.</summary>
        public int Length
        {
            get { return (int)_length; }
        }

        /// <summary>CRC-32C of all from <see cref="CheckedAt"/> on.</summary>
        public uint Crc { get; }

        /// <summary>The higher one is taken.</summary>
        public uint Version { get; }

        /// <summary>What speaks against the image before its tables are looked at; null for nothing.</summary>
        /// <param name="code">Identity of this program.</param>
        /// <param name="capacity">Bytes that a slot has room for.</param>
        public string Problem(uint code, int capacity)
        {
            if (!_hasMagic)
            {
                return "is no image of weights: it does not begin with ECWS";
            }

            if (_code != code)
            {
                return "is for other code: it says " + _code.ToString("X8") + ", this program is " + code.ToString("X8");
            }

            return _length < Bytes || _length > (uint)capacity
                ? "says that it has " + _length.ToString() + " bytes, expected " + Bytes.ToString() + " to " + capacity.ToString()
                : null;
        }
    }
}
