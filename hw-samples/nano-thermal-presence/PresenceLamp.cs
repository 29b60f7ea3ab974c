using EdgeConv.Nano;

namespace EdgeConv.Samples.NanoThermalPresence
{
    /// <summary>A lamp.</summary>
    public interface ILamp
    {
        /// <summary>On or off.</summary>
        void Set(bool isOn);
    }

    /// <summary>Someone is there: the lamp goes on, and off a while after nobody is seen any more.</summary>
    public sealed class PresenceLamp
    {
        private readonly FrameClassifier _classifier;
        private readonly ILamp _lamp;
        private readonly int _presentClass;
        private readonly int _holdFrames;
        private int _left;

        /// <summary>With the lamp off.</summary>
        /// <param name="classifier">Sees.</param>
        /// <param name="lamp">Shows.</param>
        /// <param name="presentClass">The class of someone.</param>
        /// <param name="holdFrames">For how many frames the lamp stays on.</param>
        public PresenceLamp(FrameClassifier classifier, ILamp lamp, int presentClass, int holdFrames)
        {
            _classifier = classifier;
            _lamp = lamp;
            _presentClass = presentClass;
            _holdFrames = holdFrames;
            lamp.Set(false);
        }

        /// <summary>One frame.</summary>
        /// <returns>What to say about it; null where nothing changed.</returns>
        public string Step()
        {
            bool changed = _classifier.Step(), wasOn = _left > 0;
            if (_classifier.Class == _presentClass)
            {
                _left = _holdFrames;
            }
            else if (_left > 0)
            {
                _left--;
            }

            if (wasOn != _left > 0)
            {
                _lamp.Set(_left > 0);
                return _left > 0 ? "someone is there, lamp on" : "nobody is there, lamp off";
            }

            return changed && _classifier.Problem != null ? _classifier.Problem : null;
        }
    }
}
