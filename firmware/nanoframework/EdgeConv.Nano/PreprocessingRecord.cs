using System;

namespace EdgeConv.Nano
{
    /// <summary>Channels that a model sees, in their order.</summary>
    public enum ColorOrder
    {
        /// <summary>One channel.</summary>
        Gray = 0,

        /// <summary>Red, green, blue.</summary>
        Rgb = 1,

        /// <summary>Blue, green, red.</summary>
        Bgr = 2,
    }

    /// <summary>What happens to a picture whose aspect is not the model's.</summary>
    public enum Crop
    {
        /// <summary>The whole picture, stretched.</summary>
        Stretch = 0,

        /// <summary>The largest centred rectangle of the model's aspect.</summary>
        Center = 1,
    }

    /// <summary>How a picture is brought to the model's size.</summary>
    public enum Resize
    {
        /// <summary>Mean over the area that an output pixel covers.</summary>
        Area = 0,

        /// <summary>Four neighbours, weights in 11 bits.</summary>
        Bilinear = 1,

        /// <summary>The nearest pixel centre.</summary>
        Nearest = 2,
    }

    /// <summary>What turns a picture into a model's input; it is in the model file (FORMAT.md, Preprocessing).</summary>
    public sealed class PreprocessingRecord
    {
        /// <summary>Entries of a channel's table: one for each byte.</summary>
        public const int EntriesAChannel = 256;

        private const int TablesAt = 16;

        /// <summary>A record.</summary>
        /// <param name="width">Columns of the model's input.</param>
        /// <param name="height">Rows of the model's input.</param>
        /// <param name="color">Channels and their order.</param>
        /// <param name="crop">Rule for other aspects.</param>
        /// <param name="resize">Rule for other sizes.</param>
        /// <param name="tables">256 int8 entries a channel; kept, not copied.</param>
        /// <exception cref="ArgumentException">The tables have another length, or the size is none.</exception>
        public PreprocessingRecord(int width, int height, ColorOrder color, Crop crop, Resize resize, sbyte[] tables)
        {
            Width = width;
            Height = height;
            Color = color;
            Crop = crop;
            Resize = resize;
            Tables = tables;
            if (width < 1 || height < 1)
            {
                throw new ArgumentException("found an input of " + width + "x" + height + " pixels, expected at least 1x1");
            }

            if (tables.Length != EntriesAChannel * Channels)
            {
                throw new ArgumentException("found " + tables.Length + " table entries, expected " + EntriesAChannel * Channels + " of int8");
            }
        }

        /// <summary>Columns of the model's input.</summary>
        public int Width { get; }

        /// <summary>Rows of the model's input.</summary>
        public int Height { get; }

        /// <summary>Channels and their order.</summary>
        public ColorOrder Color { get; }

        /// <summary>Rule for other aspects.</summary>
        public Crop Crop { get; }

        /// <summary>Rule for other sizes.</summary>
        public Resize Resize { get; }

        /// <summary>The byte p of channel c becomes entry c * 256 + p.</summary>
        public sbyte[] Tables { get; }

        /// <summary>1 or 3.</summary>
        public int Channels
        {
            get { return Color == ColorOrder.Gray ? 1 : 3; }
        }

        /// <summary>Reads the record as it stands in a model file.</summary>
        /// <param name="bytes">Holds it.</param>
        /// <param name="offset">Its first byte.</param>
        /// <exception cref="ArgumentException">It is cut short, or has a number that this firmware does not know.</exception>
        public static PreprocessingRecord Read(byte[] bytes, int offset)
        {
            if (bytes.Length - offset < TablesAt + EntriesAChannel)
            {
                throw new ArgumentException("found " + (bytes.Length - offset) + " bytes, a preprocessing record has at least " + (TablesAt + EntriesAChannel));
            }

            int color = bytes[offset + 8], crop = bytes[offset + 9], resize = bytes[offset + 10];
            if (color > (int)ColorOrder.Bgr || crop > (int)Crop.Center || resize > (int)Resize.Nearest)
            {
                throw new ArgumentException("found colour " + color + ", crop " + crop + ", resize " + resize + "; expected at most 2, 1, 2");
            }

            int entries = EntriesAChannel * (color == (int)ColorOrder.Gray ? 1 : 3);
            if (bytes.Length - offset < TablesAt + entries)
            {
                throw new ArgumentException("found " + (bytes.Length - offset) + " bytes, this preprocessing record has " + (TablesAt + entries));
            }

            sbyte[] tables = new sbyte[entries];
            for (int i = 0; i < entries; i++)
            {
                tables[i] = (sbyte)bytes[offset + TablesAt + i];
            }

            return new PreprocessingRecord(Number(bytes, offset), Number(bytes, offset + 4), (ColorOrder)color, (Crop)crop, (Resize)resize, tables);
        }

        private static int Number(byte[] bytes, int at)
        {
            return bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24;
        }
    }
}
