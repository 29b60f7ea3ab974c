namespace EdgeConv.Nano
{
    /// <summary>An index that walks through a tensor of four dimensions, the last one fastest, by any strides.</summary>
    public sealed class IndexWalk
    {
        private readonly int[] _sizes, _strides;
        private readonly int[] _index = new int[4];

        /// <param name="sizes">Of the four dimensions.</param>
        /// <param name="strides">Elements from one index to the next; 0 where a dimension is repeated.</param>
        public IndexWalk(int[] sizes, int[] strides)
        {
            _sizes = sizes;
            _strides = strides;
        }

        /// <summary>Steps of the whole walk.</summary>
        public int Count
        {
            get { return _sizes[0] * _sizes[1] * _sizes[2] * _sizes[3]; }
        }

        /// <summary>The element at hand.</summary>
        public int At { get; private set; }

        /// <summary>Goes to the first element.</summary>
        public void Begin(int first)
        {
            At = first;
            for (int i = 0; i < 4; i++)
            {
                _index[i] = 0;
            }
        }

        /// <summary>Goes to the next one.</summary>
        public void Next()
        {
            for (int i = 3; i >= 0; i--)
            {
                At += _strides[i];
                if (++_index[i] < _sizes[i])
                {
                    return;
                }

                At -= _strides[i] * _sizes[i];
                _index[i] = 0;
            }
        }
    }
}
