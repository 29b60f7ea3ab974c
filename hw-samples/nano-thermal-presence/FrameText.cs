using EdgeConv.Nano;

namespace EdgeConv.Samples.NanoThermalPresence
{
    /// <summary>Frames as text, to train with what the sensor itself sees.</summary>
    public static class FrameText
    {
        /// <summary>A grey picture as a PGM file of one line, which is a picture for the trainer as it stands.</summary>
        public static string Pgm(Picture picture)
        {
            string text = "P2 " + picture.Width + " " + picture.Height + " 255";
            for (int i = 0; i < picture.Width * picture.Height; i++)
            {
                text = text + " " + picture.Pixels[i];
            }

            return text;
        }
    }
}
