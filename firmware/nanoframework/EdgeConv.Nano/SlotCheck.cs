using System;

namespace EdgeConv.Nano
{
    /// <summary>What a slot holds: whole and made for this program, or what is wrong with it.</summary>
    public sealed class SlotCheck
    {
        private const int PieceBytes = 256;

        /// <param name="slots">Both slots.</param>
        /// <param name="slot">The one.</param>
        /// <param name="code">Identity of this program.</param>
        public SlotCheck(WeightSlots slots, int slot, uint code)
        {
            byte[] piece = new byte[PieceBytes];
            try
            {
                if (slots.Read(slot, 0, piece, SlotHeader.Bytes) != SlotHeader.Bytes)
                {
                    Problem = "is empty";
                    return;
                }

                Header = new SlotHeader(piece);
                Problem = Header.Problem(code, slots.Capacity);
                if (Problem == null)
                {
                    Problem = TablesProblem(slots, slot, piece);
                }
            }
            catch (Exception thrown)
            {
                // A file system throws what it likes; the other slot may be sound.
                Problem = "cannot be read: " + thrown.Message;
            }
        }

        /// <summary>Its header; null where there is none.</summary>
        public SlotHeader Header { get; }

        /// <summary>What is wrong, or null.</summary>
        public string Problem { get; }

        private string TablesProblem(WeightSlots slots, int slot, byte[] piece)
        {
            uint crc = 0;
            int length = Header.Length;
            for (int at = SlotHeader.CheckedAt; at < length;)
            {
                int count = length - at < PieceBytes ? length - at : PieceBytes;
                if (slots.Read(slot, at, piece, count) != count)
                {
                    return "ends before its " + length.ToString() + " bytes do";
                }

                crc = Crc32C.Compute(piece, 0, count, crc);
                at += count;
            }

            return crc == Header.Crc ? null : "is damaged: the checksum is not its header's";
        }
    }
}
