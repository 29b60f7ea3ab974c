using System;

namespace EdgeConv.Nano
{
    /// <summary>No slot has weights for this program, or an image is refused: the message says what was found and what was expected.</summary>
    public sealed class WeightSlotException : Exception
    {
        /// <param name="message">In words.</param>
        public WeightSlotException(string message)
            : base(message)
        {
        }
    }
}
