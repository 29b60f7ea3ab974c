namespace EdgeConv.Nano
{
    /// <summary>A row of a picture as planes of the channels that a model sees.</summary>
    internal sealed class PictureRow
    {
        /// <summary>Grey, red or blue, by the model's order.</summary>
        public byte[] First;

        /// <summary>Green.</summary>
        public byte[] Second;

        /// <summary>Blue or red.</summary>
        public byte[] Third;

        /// <summary>Where in each plane the row begins.</summary>
        public int Offset;

        /// <summary>Which row of the crop it is, or -1.</summary>
        public int Y = -1;

        /// <summary>One of the planes.</summary>
        public byte[] Plane(int channel)
        {
            return channel == 0 ? First : channel == 1 ? Second : Third;
        }
    }
}
