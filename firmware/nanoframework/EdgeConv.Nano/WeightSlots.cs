namespace EdgeConv.Nano
{
    /// <summary>
    /// Two places that keep an image of weights while the power is off, 0 and 1: files of an internal storage, a chip on a bus, a partition. One
    /// is in use while the other may be written to, from another thread too. What they throw becomes a <see cref="WeightSlotException"/> where a slot is
    /// checked or written.
    /// </summary>
    public abstract class WeightSlots
    {
        /// <summary>Bytes that a slot has room for.</summary>
        public abstract int Capacity { get; }

        /// <summary>Bytes of a slot into the beginning of a buffer.</summary>
        /// <param name="slot">0 or 1.</param>
        /// <param name="offset">The first.</param>
        /// <param name="into">Gets them.</param>
        /// <param name="count">How many.</param>
        /// <returns>How many there were; less than asked for where the slot ends, 0 where nothing is.</returns>
        public abstract int Read(int slot, int offset, byte[] into, int count);

        /// <summary>Makes a slot ready to be written; its first word is no longer that of an image when this returns.</summary>
        /// <param name="slot">0 or 1.</param>
        public abstract void Erase(int slot);

        /// <summary>
        /// Writes bytes where none were written since <see cref="Erase"/>. They are kept when this returns. The first call is for offset 4, each other
        /// one goes on where the one before ended, and the last one is for the first four bytes.
        /// </summary>
        /// <param name="slot">0 or 1.</param>
        /// <param name="offset">The first.</param>
        /// <param name="from">Has them.</param>
        /// <param name="start">Where they begin in it.</param>
        /// <param name="count">How many.</param>
        public abstract void Write(int slot, int offset, byte[] from, int start, int count);
    }
}
