namespace EdgeConv.Nano
{
    /// <summary>The class of a stream of frames: one that several frames in a row agree on, each by a margin. Else there is none.</summary>
    public sealed class ClassDecider
    {
        /// <summary>What is decided when no class is.</summary>
        public const int None = -1;

        private readonly int _margin;
        private readonly int _frames;
        private int _candidate = None;
        private int _count;

        /// <summary>With its patience.</summary>
        /// <param name="margin">How much larger than all others the largest output must be, in steps of the output's scale.</param>
        /// <param name="frames">How many frames must agree.</param>
        public ClassDecider(int margin, int frames)
        {
            _margin = margin;
            _frames = frames;
            Class = None;
        }

        /// <summary>What is decided now.</summary>
        public int Class { get; private set; }

        /// <summary>Takes the outputs of a frame.</summary>
        /// <returns>Whether the decision is another one than before.</returns>
        public bool Update(sbyte[] output)
        {
            int best = 0, second = None;
            for (int i = 1; i < output.Length; i++)
            {
                if (output[i] > output[best])
                {
                    second = best;
                    best = i;
                }
                else if (second == None || output[i] > output[second])
                {
                    second = i;
                }
            }

            return Count(second == None || output[best] - output[second] >= _margin ? best : None);
        }

        /// <summary>Takes that there was no frame.</summary>
        /// <returns>As above.</returns>
        public bool Miss()
        {
            return Count(None);
        }

        private bool Count(int candidate)
        {
            _count = candidate == _candidate ? _count + 1 : 1;
            _candidate = candidate;
            if (_count < _frames || candidate == Class)
            {
                return false;
            }

            Class = candidate;
            return true;
        }
    }
}
