using System.IO;
using EdgeConv.Nano;

namespace EdgeConv.Generated
{
    /// <summary>
    /// Slots that are two files of the device's internal storage; needs the package nanoFramework.System.IO.FileSystem. Each has a stream of its own, so
    /// that one thread may read the slot in use while another writes the other one.
    /// </summary>
    public sealed class FileSlots : WeightSlots
    {
        private readonly string[] _paths;
        private readonly int _capacity;
        private readonly FileStream[] _open = new FileStream[2];
        private readonly long[] _lengths = new long[2];

        /// <param name="first">Path of slot 0, such as "I:\\weights0.bin".</param>
        /// <param name="second">Path of slot 1.</param>
        /// <param name="capacity">Bytes that the storage has room for, for each.</param>
        public FileSlots(string first, string second, int capacity)
        {
            _paths = new string[] { first, second };
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
            // Layers read many pieces: the file stays open.
            if (_open[slot] == null)
            {
                if (!File.Exists(_paths[slot]))
                {
                    return 0;
                }

                _open[slot] = new FileStream(_paths[slot], FileMode.Open, FileAccess.Read);
                _lengths[slot] = _open[slot].Length;
            }

            if (offset >= _lengths[slot])
            {
                return 0;
            }

            FileStream file = _open[slot];
            file.Seek(offset, SeekOrigin.Begin);
            int there = 0, taken = 1;
            while (there < count && taken > 0)
            {
                taken = file.Read(into, there, count - there);
                there += taken > 0 ? taken : 0;
            }

            return there;
        }

        /// <inheritdoc/>
        public override void Erase(int slot)
        {
            Close(slot);
            Put(new FileStream(_paths[slot], FileMode.Create, FileAccess.Write), 0, new byte[4], 0, 4);
        }

        /// <inheritdoc/>
        public override void Write(int slot, int offset, byte[] from, int start, int count)
        {
            Close(slot);
            Put(new FileStream(_paths[slot], FileMode.Open, FileAccess.Write), offset, from, start, count);
        }

        // Closed in any case: a storage that is full would else keep the file open.
        private static void Put(FileStream file, int offset, byte[] from, int start, int count)
        {
            try
            {
                file.Seek(offset, SeekOrigin.Begin);
                file.Write(from, start, count);
                file.Flush();
            }
            finally
            {
                file.Close();
            }
        }

        private void Close(int slot)
        {
            if (_open[slot] != null)
            {
                _open[slot].Close();
                _open[slot] = null;
            }
        }
    }
}
