namespace EdgeConv.Nano
{
    /// <summary>Where the weights of large layers are read from, a piece at a time: a resource in flash on the device, or one of two slots.</summary>
    public abstract class WeightSource
    {
        private const int PieceBytes = 256;

        /// <summary>What a layer has one of, zero points and scales of a whole tensor; null where the code has them.</summary>
        public int[] Numbers;

        /// <summary>Tables of layers; null where the code has them.</summary>
        public sbyte[][] Bytes;

        /// <summary>Tables of larger numbers; null where the code has them.</summary>
        public int[][] Words;

        /// <summary>Bytes from the weights' beginning.</summary>
        /// <param name="offset">The first.</param>
        /// <param name="count">How many.</param>
        public abstract byte[] Read(int offset, int count);

        /// <summary>The same as values of an array, without an array as long as they are many.</summary>
        /// <param name="offset">The first byte.</param>
        /// <param name="to">Gets them.</param>
        /// <param name="at">Where the first goes.</param>
        /// <param name="count">How many.</param>
        public void CopyTo(int offset, sbyte[] to, int at, int count)
        {
            for (int end = at + count; at < end;)
            {
                byte[] piece = Read(offset, end - at < PieceBytes ? end - at : PieceBytes);
                for (int i = 0; i < piece.Length; i++)
                {
                    to[at++] = (sbyte)piece[i];
                }

                offset += piece.Length;
            }
        }
    }
}
