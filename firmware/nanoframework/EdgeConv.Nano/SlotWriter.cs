using System;

namespace EdgeConv.Nano
{
    /// <summary>
    /// Puts an image of weights that arrives in pieces into the slot that is not in use. Its header is looked at before that slot is erased, its
    /// checksum as it arrives, and once more as read back; only then is its first word written, without which a slot is no image. So when the power
    /// goes at any instant, the next start takes the slot in use, or the whole new one.
    /// </summary>
    public sealed class SlotWriter
    {
        private const int WordBytes = 4;
        private const int BlockBytes = 256;

        private readonly WeightSlots _slots;
        private readonly int _slot;
        private readonly bool _isUsed;
        private readonly uint _code, _version;
        private readonly byte[] _block = new byte[BlockBytes];
        private readonly byte[] _first = new byte[WordBytes];
        private SlotHeader _header;
        private int _written, _held;
        private uint _crc;

        /// <param name="slots">Both slots.</param>
        /// <param name="used">The slot in use, which is left alone: the model's Slot; -1 where none is, and then slot 0 is written.</param>
        /// <param name="version">The version in use, the model's Version: an image must be newer.</param>
        /// <param name="code">Identity of the program: the model's Code.</param>
        public SlotWriter(WeightSlots slots, int used, uint version, uint code)
        {
            _slots = slots;
            _slot = used == 0 ? 1 : 0;
            _isUsed = used >= 0;
            _version = version;
            _code = code;
        }

        /// <summary>Bytes that came so far.</summary>
        public int Length
        {
            get { return _written + _held; }
        }

        /// <summary>Takes the next piece.</summary>
        /// <param name="bytes">Holds it; not kept.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="count">Its length.</param>
        /// <exception cref="WeightSlotException">The image is refused: for another program, not newer, too long; or the slot cannot be written, as where the storage is full.</exception>
        public void Add(byte[] bytes, int offset, int count)
        {
            while (count > 0)
            {
                // The header first, then blocks: flash is written from multiples of their size on.
                int end = _header == null ? SlotHeader.Bytes : BlockBytes;
                int taken = end - _held < count ? end - _held : count;
                Array.Copy(bytes, offset, _block, _held, taken);
                _held += taken;
                offset += taken;
                count -= taken;
                if (_header == null && _held == SlotHeader.Bytes)
                {
                    Begin();
                }

                if (_header != null && Length > _header.Length)
                {
                    throw Refused("is longer than the " + _header.Length.ToString() + " bytes that it says");
                }

                if (_held == BlockBytes)
                {
                    WriteBlock();
                }
            }
        }

        /// <summary>Checks the whole image and makes it the one that the next start takes.</summary>
        /// <returns>Its slot.</returns>
        /// <exception cref="WeightSlotException">It was cut off or damaged on its way, or the slot cannot be written or does not hold what was.</exception>
        public int Finish()
        {
            if (_header == null || Length != _header.Length)
            {
                throw Refused("ended after " + Length.ToString() + " bytes"
                    + (_header == null ? ", before its header did" : ", it says " + _header.Length.ToString()));
            }

            WriteBlock();
            if (_crc != _header.Crc)
            {
                throw Refused("is damaged: the checksum is not its header's");
            }

            CheckBack();

            Put(0, _first, 0, WordBytes);
            string problem = new SlotCheck(_slots, _slot, _code).Problem;
            if (problem != null)
            {
                throw Refused("was not written as it came: slot " + _slot.ToString() + " " + problem);
            }

            return _slot;
        }

        private void Begin()
        {
            SlotHeader header = new SlotHeader(_block);
            string problem = header.Problem(_code, _slots.Capacity);
            if (problem != null)
            {
                throw Refused(problem);
            }

            if (_isUsed && header.Version <= _version)
            {
                throw Refused("has version " + header.Version.ToString() + ", in use is " + _version.ToString() + ": only a higher one is taken");
            }

            _header = header;
            Array.Copy(_block, 0, _first, 0, WordBytes);
            try
            {
                _slots.Erase(_slot);
            }
            catch (Exception thrown)
            {
                throw Unwritten(thrown);
            }
        }

        private void Put(int offset, byte[] from, int start, int count)
        {
            try
            {
                _slots.Write(_slot, offset, from, start, count);
            }
            catch (Exception thrown)
            {
                throw Unwritten(thrown);
            }
        }

        private void WriteBlock()
        {
            int start = _written == 0 ? WordBytes : 0, skipped = _written == 0 ? SlotHeader.CheckedAt : 0;
            if (_held > 0)
            {
                Put(_written + start, _block, start, _held - start);
                _crc = Crc32C.Compute(_block, skipped, _held - skipped, _crc);
            }

            _written += _held;
            _held = 0;
        }

        private void CheckBack()
        {
            uint crc;
            bool isThere;
            try
            {
                isThere = SlotCheck.TryCrc(_slots, _slot, _written, out crc);
            }
            catch (Exception thrown)
            {
                throw Refused("cannot be read back from slot " + _slot.ToString() + ": " + thrown.Message);
            }

            if (!isThere || crc != _crc)
            {
                throw Refused("was not written as it came: slot " + _slot.ToString() + " gives other bytes");
            }
        }

        private WeightSlotException Unwritten(Exception thrown)
        {
            return Refused("cannot be written to slot " + _slot.ToString() + ": " + thrown.Message);
        }

        private static WeightSlotException Refused(string why)
        {
            return new WeightSlotException("the image " + why + "; the weights in use stay");
        }
    }
}
