using EdgeConv.Nano;

namespace EdgeConv.Samples.NanoDigitCamera
{
    /// <summary>Says which digit is before the camera, once for each that comes.</summary>
    public sealed class DigitSpeaker
    {
        private readonly FrameClassifier _classifier;
        private readonly string[] _labels;
        private string _lastProblem;

        /// <summary>With nothing said.</summary>
        /// <param name="classifier">Sees.</param>
        /// <param name="labels">A class's name; where there is none, its number is said.</param>
        public DigitSpeaker(FrameClassifier classifier, string[] labels)
        {
            _classifier = classifier;
            _labels = labels;
        }

        /// <summary>One frame.</summary>
        /// <returns>What to say about it; null where nothing changed.</returns>
        public string Step()
        {
            bool changed = _classifier.Step();
            string problem = _classifier.Problem;
            if (problem != null)
            {
                bool isNew = problem != _lastProblem;
                _lastProblem = problem;
                return isNew ? "no frame: " + problem : null;
            }

            _lastProblem = null;
            int digit = _classifier.Class;
            return !changed ? null : digit == ClassDecider.None ? "no digit" : digit < _labels.Length ? _labels[digit] : digit.ToString();
        }
    }
}
