namespace EdgeConv.Nano.Devices
{
    /// <summary>A table of Huffman codes (ITU-T T.81, annexes C and F): codes up to eight bits by one look, longer ones bit by bit.</summary>
    internal sealed class JpegHuffman
    {
        private const int MostBits = 16;
        private const int LookBits = 8;

        // length * 256 + symbol for each eight bits that begin with a code; 0 where a code is longer
        private readonly ushort[] _look = new ushort[1 << LookBits];
        private readonly int[] _afterLast = new int[MostBits + 1];
        private readonly int[] _toSymbol = new int[MostBits + 1];
        private readonly byte[] _symbols = new byte[256];
        private readonly byte[] _counts = new byte[MostBits + 1];

        /// <summary>Reads the table of a file.</summary>
        /// <returns>How many symbols it has; -1 where it is damaged.</returns>
        public int Read(JpegBits bits)
        {
            int count = 0;
            for (int i = 1; i <= MostBits; i++)
            {
                _counts[i] = (byte)bits.Byte();
                count += _counts[i];
            }

            if (count > _symbols.Length)
            {
                return -1;
            }

            for (int i = 0; i < count; i++)
            {
                _symbols[i] = (byte)bits.Byte();
            }

            return Build() ? count : -1;
        }

        /// <summary>The next symbol; -1 where there is none.</summary>
        public int Decode(JpegBits bits)
        {
            int look = _look[bits.Peek(LookBits)];
            if (look != 0)
            {
                bits.Drop(look >> 8);
                return bits.HasEnded ? -1 : look & 255;
            }

            int code = bits.Peek(MostBits);
            for (int length = LookBits + 1; length <= MostBits; length++)
            {
                int start = code >> (MostBits - length);
                if (start < _afterLast[length])
                {
                    bits.Drop(length);
                    return bits.HasEnded ? -1 : _symbols[_toSymbol[length] + start];
                }
            }

            return -1;
        }

        private bool Build()
        {
            for (int i = 0; i < _look.Length; i++)
            {
                _look[i] = 0;
            }

            int code = 0, symbol = 0;
            for (int length = 1; length <= MostBits; length++)
            {
                _toSymbol[length] = symbol - code;
                for (int i = 0; i < _counts[length]; i++)
                {
                    if (code >= 1 << length)
                    {
                        return false;
                    }

                    if (length <= LookBits)
                    {
                        int first = code << (LookBits - length), last = first + (1 << (LookBits - length));
                        for (int at = first; at < last; at++)
                        {
                            _look[at] = (ushort)(length << 8 | _symbols[symbol]);
                        }
                    }

                    code++;
                    symbol++;
                }

                _afterLast[length] = code;
                code <<= 1;
            }

            return true;
        }
    }
}
