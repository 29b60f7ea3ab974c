namespace EdgeConv.Nano
{
    /// <summary>CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), four bits at a step: a table of 64 bytes instead of 1 KB.</summary>
    public static class Crc32C
    {
        private static readonly uint[] _table = new uint[]
        {
            0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3, 0x61C69362, 0x7198540D,
            0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9, 0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75,
        };

        /// <summary>Checksum of bytes; pass the previous result to go on, 0 to begin.</summary>
        /// <param name="bytes">Holds them.</param>
        /// <param name="offset">The first.</param>
        /// <param name="count">How many.</param>
        /// <param name="previous">Checksum of what came before.</param>
        public static uint Compute(byte[] bytes, int offset, int count, uint previous)
        {
            uint[] table = _table;
            uint crc = ~previous;
            int end = offset + count;
            for (int i = offset; i < end; i++)
            {
                crc ^= bytes[i];
                crc = (crc >> 4) ^ table[crc & 15];
                crc = (crc >> 4) ^ table[crc & 15];
            }

            return ~crc;
        }

        /// <summary>Checksum of an activation.</summary>
        /// <param name="arena">Holds it.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="count">Its length.</param>
        public static uint Compute(sbyte[] arena, int offset, int count)
        {
            uint[] table = _table;
            uint crc = 0xFFFFFFFFu;
            int end = offset + count;
            for (int i = offset; i < end; i++)
            {
                crc ^= (byte)arena[i];
                crc = (crc >> 4) ^ table[crc & 15];
                crc = (crc >> 4) ^ table[crc & 15];
            }

            return ~crc;
        }
    }
}
