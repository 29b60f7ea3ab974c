namespace EdgeConv.Nano
{
    /// <summary>Two operands walked through together, each by its own strides.</summary>
    public sealed class BroadcastWalk
    {
        private readonly IndexWalk _left, _right;

        /// <param name="sizes">Of the output's four dimensions.</param>
        /// <param name="left">Strides of one operand; 0 where it is repeated.</param>
        /// <param name="right">Strides of the other one.</param>
        public BroadcastWalk(int[] sizes, int[] left, int[] right)
        {
            _left = new IndexWalk(sizes, left);
            _right = new IndexWalk(sizes, right);
        }

        /// <summary>Steps of the whole walk.</summary>
        public int Count
        {
            get { return _left.Count; }
        }

        /// <summary>The one's element at hand.</summary>
        public int Left
        {
            get { return _left.At; }
        }

        /// <summary>The other's element at hand.</summary>
        public int Right
        {
            get { return _right.At; }
        }

        /// <summary>Goes to the first elements.</summary>
        public void Begin(int left, int right)
        {
            _left.Begin(left);
            _right.Begin(right);
        }

        /// <summary>Goes to the next ones.</summary>
        public void Next()
        {
            _left.Next();
            _right.Next();
        }
    }
}
