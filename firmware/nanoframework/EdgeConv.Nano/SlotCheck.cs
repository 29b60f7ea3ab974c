using System;

namespace EdgeConv.Nano
{
    /// <summary>What a slot holds: whole and made for this program, or what is wrong with it. Its tables are read when they are asked about.</summary>
    public sealed class SlotCheck
    {
        private const int PieceBytes = 256;

        private readonly WeightSlots _slots;
        private readonly int _slot;
        private string _problem;
        private bool _isWhole;

        /// <param name="slots">Both slots.</param>
        /// <param name="slot">The one.</param>
        /// <param name="code">Identity of this program.</param>
        public SlotCheck(WeightSlots slots, int slot, uint code)
        {
            _slots = slots;
            _slot = slot;
            byte[] head = new byte[SlotHeader.Bytes];
            try
            {
                if (slots.Read(slot, 0, head, SlotHeader.Bytes) != SlotHeader.Bytes)
                {
                    HeaderProblem = "is empty";
                }
                else
                {
                    Header = new SlotHeader(head);
                    HeaderProblem = Header.Problem(code, slots.Capacity);
                }
            }
            catch (Exception thrown)
            {
                HeaderProblem = Unread(thrown);
            }
        }

        /// <summary>Its header; null where there is none.</summary>
        public SlotHeader Header { get; }

        /// <summary>What is wrong with its header, or null.</summary>
        public string HeaderProblem { get; }

        /// <summary>What is wrong with header or tables, or null.</summary>
        public string Problem
        {
            get
            {
                if (HeaderProblem == null && _problem == null && !_isWhole)
                {
                    _problem = TablesProblem();
                    _isWhole = _problem == null;
                }

                return HeaderProblem != null ? HeaderProblem : _problem;
            }
        }

        /// <summary>The checksum of a slot, from the field behind it on.</summary>
        /// <param name="slots">Both slots.</param>
        /// <param name="slot">The one.</param>
        /// <param name="length">Bytes from its beginning.</param>
        /// <param name="crc">Gets it.</param>
        /// <returns>Whether there were so many.</returns>
        internal static bool TryCrc(WeightSlots slots, int slot, int length, out uint crc)
        {
            byte[] piece = new byte[PieceBytes];
            crc = 0;
            for (int at = SlotHeader.CheckedAt; at < length;)
            {
                int count = length - at < PieceBytes ? length - at : PieceBytes;
                if (slots.Read(slot, at, piece, count) != count)
                {
                    return false;
                }

                crc = Crc32C.Compute(piece, 0, count, crc);
                at += count;
            }

            return true;
        }

        private string TablesProblem()
        {
            try
            {
                uint crc;
                if (!TryCrc(_slots, _slot, Header.Length, out crc))
                {
                    return "ends before its " + Header.Length.ToString() + " bytes do";
                }

                return crc == Header.Crc ? null : "is damaged: the checksum is not its header's";
            }
            catch (Exception thrown)
            {
                return Unread(thrown);
            }
        }

        // A file system throws what it likes; the other slot may be sound.
        private static string Unread(Exception thrown)
        {
            return "cannot be read: " + thrown.Message;
        }
    }
}
