using System;

namespace EdgeConv.Nano
{
    /// <summary>Slots in RAM, for tests and for images that come from a resource: what is written is gone when the power is.</summary>
    public sealed class MemorySlots : WeightSlots
    {
        private readonly byte[][] _slots = new byte[2][];
        private readonly int _capacity;

        /// <param name="first">Content of slot 0, or null.</param>
        /// <param name="second">Content of slot 1, or null.</param>
        /// <param name="capacity">Bytes that each has room for.</param>
        public MemorySlots(byte[] first, byte[] second, int capacity)
        {
            _slots[0] = first;
            _slots[1] = second;
            _capacity = capacity;
        }

        /// <inheritdoc/>
        public override int Capacity
        {
            get { return _capacity; }
        }

        /// <inheritdoc/>
        public override int Read(int slot, int offset, byte[] into, int count)
        {
            byte[] bytes = _slots[slot];
            int there = bytes == null || bytes.Length < offset ? 0 : bytes.Length - offset;
            int taken = there < count ? there : count;
            if (taken > 0)
            {
                Array.Copy(bytes, offset, into, 0, taken);
            }

            return taken;
        }

        /// <inheritdoc/>
        public override void Erase(int slot)
        {
            _slots[slot] = new byte[_capacity];
        }

        /// <inheritdoc/>
        public override void Write(int slot, int offset, byte[] from, int start, int count)
        {
            Array.Copy(from, start, _slots[slot], offset, count);
        }
    }
}
