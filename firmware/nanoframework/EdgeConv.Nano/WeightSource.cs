namespace EdgeConv.Nano
{
    /// <summary>Where the weights of large layers are read from, a piece at a time: a resource in flash on the device.</summary>
    public abstract class WeightSource
    {
        /// <summary>Bytes from the weights' beginning.</summary>
        /// <param name="offset">The first.</param>
        /// <param name="count">How many.</param>
        public abstract byte[] Read(int offset, int count);
    }
}
