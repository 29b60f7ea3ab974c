namespace EdgeConv.Nano
{
    /// <summary>Frames to a class, one step a frame: read, preprocess, run the model, decide.</summary>
    public abstract class FrameClassifier
    {
        private readonly IFrameSource _source;
        private readonly Preprocessor _preprocessor;
        private readonly ClassDecider _decider;
        private readonly sbyte[] _input;
        private readonly sbyte[] _output;

        /// <summary>With room for a frame's input and output.</summary>
        /// <param name="source">Where frames come from.</param>
        /// <param name="record">The model's preprocessing.</param>
        /// <param name="outputs">The model's number of classes.</param>
        /// <param name="decider">Whose word counts.</param>
        protected FrameClassifier(IFrameSource source, PreprocessingRecord record, int outputs, ClassDecider decider)
        {
            _source = source;
            _preprocessor = new Preprocessor(record);
            _decider = decider;
            _input = new sbyte[record.Width * record.Height * record.Channels];
            _output = new sbyte[outputs];
        }

        /// <summary>The class that is decided, or <see cref="ClassDecider.None"/>.</summary>
        public int Class
        {
            get { return _decider.Class; }
        }

        /// <summary>Why the last step had no frame; null where it had one.</summary>
        public string Problem
        {
            get { return _source.Problem; }
        }

        /// <summary>One frame.</summary>
        /// <returns>Whether the class is another one than before.</returns>
        public bool Step()
        {
            if (!_source.TryRead())
            {
                return _decider.Miss();
            }

            _preprocessor.Run(_source.Picture, _input, 0);
            Run(_input, _output);
            return _decider.Update(_output);
        }

        /// <summary>The model.</summary>
        /// <param name="input">What it is given.</param>
        /// <param name="output">What it fills.</param>
        protected abstract void Run(sbyte[] input, sbyte[] output);
    }
}
