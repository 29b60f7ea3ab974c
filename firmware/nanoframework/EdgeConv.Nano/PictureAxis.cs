namespace EdgeConv.Nano
{
    /// <summary>What each output column, or row, reads of a picture (QUANTIZATION.md, section 6). Computed once for a size.</summary>
    internal sealed class PictureAxis
    {
        /// <summary>First source pixel of each output pixel.</summary>
        public readonly int[] First;

        /// <summary>Last source pixel of each.</summary>
        public readonly int[] Last;

        /// <summary>What the first counts: length shared with the output pixel (area), 2048ths (bilinear).</summary>
        public readonly int[] FirstWeight;

        /// <summary>What the last counts; 0 in area where it is the first.</summary>
        public readonly int[] LastWeight;

        /// <summary>From a number of pixels to another, by a rule.</summary>
        public PictureAxis(int size, int outputs, Resize resize)
        {
            First = new int[outputs];
            Last = new int[outputs];
            FirstWeight = new int[outputs];
            LastWeight = new int[outputs];
            for (int i = 0; i < outputs; i++)
            {
                switch (resize)
                {
                    case Resize.Area:
                        Covered(i, size, outputs);
                        break;
                    case Resize.Bilinear:
                        Neighbours(i, size, outputs);
                        break;
                    default:
                        First[i] = (int)((2L * i + 1) * size / (2L * outputs));
                        Last[i] = First[i];
                        break;
                }
            }
        }

        // a source pixel is `outputs` long and an output pixel `size`
        private void Covered(int i, int size, int outputs)
        {
            int begin = i * size, end = begin + size;
            int first = begin / outputs, last = (end - 1) / outputs;
            First[i] = first;
            Last[i] = last;
            FirstWeight[i] = first == last ? size : (first + 1) * outputs - begin;
            LastWeight[i] = first == last ? 0 : end - last * outputs;
        }

        private void Neighbours(int i, int size, int outputs)
        {
            long position = ((2L * i + 1) * size * 1024 + outputs / 2) / outputs - 1024, most = (size - 1) * 2048L;
            position = position < 0 ? 0 : position > most ? most : position;
            int first = (int)(position >> 11), weight = (int)(position & 2047);
            First[i] = first;
            Last[i] = first + 1 < size ? first + 1 : size - 1;
            FirstWeight[i] = 2048 - weight;
            LastWeight[i] = weight;
        }
    }
}
