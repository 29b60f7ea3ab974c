namespace EdgeConv.Nano
{
    /// <summary>A layer's one way from int32 to int8: the two roundings of QUANTIZATION.md, the zero point and the clamp.</summary>
    public sealed class SumScale
    {
        private readonly int _multiplier, _shift, _zeroPoint, _min, _max;

        /// <param name="multiplier">Q0.31.</param>
        /// <param name="shift">Positive is left.</param>
        /// <param name="zeroPoint">Of the output.</param>
        /// <param name="min">Lower bound.</param>
        /// <param name="max">Upper bound.</param>
        public SumScale(int multiplier, int shift, int zeroPoint, int min, int max)
        {
            _multiplier = multiplier;
            _shift = shift;
            _zeroPoint = zeroPoint;
            _min = min;
            _max = max;
        }

        /// <summary>The byte of a sum.</summary>
        public sbyte ToInt8(int sum)
        {
            return Requantizer.ToInt8(sum, _multiplier, _shift, _zeroPoint, _min, _max);
        }
    }
}
