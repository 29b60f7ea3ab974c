using System;

namespace EdgeConv.Nano
{
    /// <summary>The weights of a slot that was checked: numbers and tables in RAM, the rest read from the slot as layers need it, or kept in RAM as well.</summary>
    public sealed class SlotWeights : WeightSource
    {
        private readonly WeightSlots _slots;
        private readonly int _slot;
        private readonly byte[] _kept;
        private int _begin = SlotHeader.Bytes;

        /// <param name="slots">Both slots.</param>
        /// <param name="slot">The one.</param>
        /// <param name="length">Bytes of its image.</param>
        /// <param name="numbers">How many come first.</param>
        /// <param name="bytes">Lengths of the tables of bytes behind them.</param>
        /// <param name="words">Lengths of the tables of int32 behind these.</param>
        /// <param name="inRam">Whether all is read now and kept: faster, for as many bytes of RAM.</param>
        public SlotWeights(WeightSlots slots, int slot, int length, int numbers, int[] bytes, int[] words, bool inRam)
        {
            _slots = slots;
            _slot = slot;
            Numbers = ReadWords(numbers);
            Bytes = new sbyte[bytes.Length][];
            for (int i = 0; i < bytes.Length; i++)
            {
                Bytes[i] = ReadBytes(bytes[i]);
            }

            Words = new int[words.Length][];
            for (int i = 0; i < words.Length; i++)
            {
                Words[i] = ReadWords(words[i]);
            }

            if (inRam)
            {
                _kept = Read(0, length - _begin);
            }
        }

        /// <inheritdoc/>
        /// <exception cref="WeightSlotException">The slot has no longer what it had.</exception>
        public override byte[] Read(int offset, int count)
        {
            byte[] part = new byte[count];
            if (_kept != null)
            {
                Array.Copy(_kept, offset, part, 0, count);
            }
            else if (_slots.Read(_slot, _begin + offset, part, count) != count)
            {
                throw new WeightSlotException("slot " + _slot.ToString() + " is shorter than it was when it was checked");
            }

            return part;
        }

        private int[] ReadWords(int count)
        {
            byte[] bytes = Read(0, 4 * count);
            int[] words = new int[count];
            for (int i = 0; i < count; i++)
            {
                words[i] = BitConverter.ToInt32(bytes, 4 * i);
            }

            _begin += bytes.Length;
            return words;
        }

        private sbyte[] ReadBytes(int count)
        {
            sbyte[] values = new sbyte[count];
            CopyTo(0, values, 0, count);
            _begin += count;
            return values;
        }
    }
}
