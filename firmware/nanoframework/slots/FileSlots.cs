using System.IO;
using EdgeConv.Nano;

namespace EdgeConv.Generated
{
    /// <summary>Slots that are two files of the device's internal storage; needs the package nanoFramework.System.IO.FileSystem.</summary>
    public sealed class FileSlots : WeightSlots
    {
        private readonly string[] _paths;
        private readonly int _capacity;
        private FileStream _open;
        private int _opened;
        private long _length;

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
            if (_open == null || _opened != slot)
            {
                Close();
                if (!File.Exists(_paths[slot]))
                {
                    return 0;
                }

                _open = new FileStream(_paths[slot], FileMode.Open, FileAccess.Read);
                _opened = slot;
                _length = _open.Length;
            }

            if (offset >= _length)
            {
                return 0;
            }

            _open.Seek(offset, SeekOrigin.Begin);
            int there = 0, taken = 1;
            while (there < count && taken > 0)
            {
                taken = _open.Read(into, there, count - there);
                there += taken > 0 ? taken : 0;
            }

            return there;
        }

        /// <inheritdoc/>
        public override void Erase(int slot)
        {
            Close();
            FileStream file = new FileStream(_paths[slot], FileMode.Create, FileAccess.Write);
            Put(file, new byte[4], 0, 4);
        }

        /// <inheritdoc/>
        public override void Write(int slot, int offset, byte[] from, int start, int count)
        {
            Close();
            FileStream file = new FileStream(_paths[slot], FileMode.Open, FileAccess.Write);
            file.Seek(offset, SeekOrigin.Begin);
            Put(file, from, start, count);
        }

        private static void Put(FileStream file, byte[] from, int start, int count)
        {
            file.Write(from, start, count);
            file.Flush();
            file.Close();
        }

        private void Close()
        {
            if (_open != null)
            {
                _open.Close();
                _open = null;
            }
        }
    }
}
