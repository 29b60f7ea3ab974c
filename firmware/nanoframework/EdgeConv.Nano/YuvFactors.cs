namespace EdgeConv.Nano
{
    /// <summary>The numbers of a camera's Y, U and V in 2^-14 (QUANTIZATION.md, section 6).</summary>
    internal sealed class YuvFactors
    {
        public const int Shift = 14;
        public const int Half = 1 << (Shift - 1);

        public readonly int Black;
        public readonly int Luma;
        public readonly int RedV;
        public readonly int GreenU;
        public readonly int GreenV;
        public readonly int BlueU;

        private YuvFactors(int black, int luma, int redV, int greenU, int greenV, int blueU)
        {
            Black = black;
            Luma = luma;
            RedV = redV;
            GreenU = greenU;
            GreenV = greenV;
            BlueU = blueU;
        }

        /// <summary>Of one rule; an unknown one is BT.601.</summary>
        public static YuvFactors Of(YuvRule rule)
        {
            switch (rule)
            {
                case YuvRule.Bt601Full:
                    return new YuvFactors(0, 16384, 22970, 5638, 11700, 29032);
                case YuvRule.Bt709:
                    return new YuvFactors(16, 19077, 29372, 3494, 8731, 34610);
                case YuvRule.Bt709Full:
                    return new YuvFactors(0, 16384, 25802, 3069, 7670, 30402);
                default:
                    return new YuvFactors(16, 19077, 26149, 6419, 13320, 33050);
            }
        }
    }
}
