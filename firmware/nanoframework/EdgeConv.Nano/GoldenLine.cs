namespace EdgeConv.Nano
{
    /// <summary>The line with which a program says whether the board computes the PC's bytes; `edgeconv deploy` waits for it.</summary>
    public static class GoldenLine
    {
        /// <summary>Of a model's self-test.</summary>
        /// <param name="layer">What it found: 0, the first layer that differs, or -1 where there is no golden vector.</param>
        /// <param name="layers">How many there are.</param>
        /// <param name="output">The answer.</param>
        public static string Text(int layer, int layers, sbyte[] output)
        {
            if (layer > 0)
            {
                return "EdgeConv: golden failed at layer " + layer + " of " + layers;
            }

            return layer < 0 ? "EdgeConv: no golden vector" : "EdgeConv: golden ok " + Crc32C.Compute(output, 0, output.Length).ToString("X8");
        }
    }
}
