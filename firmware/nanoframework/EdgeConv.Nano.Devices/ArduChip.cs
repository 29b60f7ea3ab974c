namespace EdgeConv.Nano.Devices
{
    /// <summary>
    /// The controller of an ArduCAM shield: it keeps a frame in a memory of its own, to be read over SPI at leisure. Register numbers are those of
    /// its hardware note. A write has the highest bit of the address set.
    /// </summary>
    internal sealed class ArduChip : IByteSource
    {
        /// <summary>Bytes that are read at a time.</summary>
        public const int BurstBytes = 256;

        private const int Write = 0x80;
        private const int Test = 0x00;
        private const int Frames = 0x01;
        private const int FifoControl = 0x04;
        private const int BurstRead = 0x3C;
        private const int Status = 0x41;
        private const int FifoSize = 0x42;

        private const int ClearDone = 0x01;
        private const int StartCapture = 0x02;
        private const int CaptureDone = 0x08;
        private const int HighSizeBits = 0x7F;

        private readonly ISpiBus _bus;
        private readonly byte[] _write = new byte[BurstBytes + 1];
        private readonly byte[] _read = new byte[BurstBytes + 1];
        private int _left;
        private int _burst;
        private int _at;

        public ArduChip(ISpiBus bus)
        {
            _bus = bus;
        }

        /// <summary>True when the last transfer was one.</summary>
        public bool IsBusGood { get; private set; }

        /// <summary>Writes a value to the register that is there for it, and reads it back.</summary>
        /// <returns>What was read; -1 where the bus fails.</returns>
        public int Echo(int value)
        {
            return TryWrite(Test, value) ? Read(Test) : -1;
        }

        /// <summary>Forgets the frame before and begins to take one.</summary>
        public bool TryStart()
        {
            return TryWrite(FifoControl, ClearDone) && TryWrite(Frames, 0) && TryWrite(FifoControl, StartCapture);
        }

        /// <summary>Whether the frame is there.</summary>
        public bool IsDone()
        {
            int status = Read(Status);
            return status >= 0 && (status & CaptureDone) != 0;
        }

        /// <summary>The frame's length in bytes; -1 where the bus fails. It is read from its first byte on.</summary>
        public int Length()
        {
            int low = Read(FifoSize), middle = low < 0 ? -1 : Read(FifoSize + 1), high = middle < 0 ? -1 : Read(FifoSize + 2);
            _left = high < 0 ? -1 : low | middle << 8 | (high & HighSizeBits) << 16;
            _burst = 0;
            _at = 0;
            return _left;
        }

        /// <inheritdoc/>
        public int Read(byte[] buffer, int offset, int count)
        {
            if (_at == _burst)
            {
                _at = 0;
                _burst = _left < BurstBytes ? _left : BurstBytes;
                if (_burst <= 0)
                {
                    return 0;
                }

                // each burst goes on where the one before ended
                _write[0] = BurstRead;
                _write[1] = 0;
                IsBusGood = _bus.TryTransfer(_write, _read, _burst + 1);
                if (!IsBusGood)
                {
                    _burst = 0;
                    return 0;
                }

                _left -= _burst;
            }

            int taken = 0;
            while (taken < count && _at < _burst)
            {
                _at++;
                buffer[offset + taken] = _read[_at];
                taken++;
            }

            return taken;
        }

        private bool TryWrite(int register, int value)
        {
            _write[0] = (byte)(register | Write);
            _write[1] = (byte)value;
            IsBusGood = _bus.TryTransfer(_write, _read, 2);
            return IsBusGood;
        }

        private int Read(int register)
        {
            _write[0] = (byte)register;
            _write[1] = 0;
            IsBusGood = _bus.TryTransfer(_write, _read, 2);
            return IsBusGood ? _read[1] : -1;
        }
    }
}
