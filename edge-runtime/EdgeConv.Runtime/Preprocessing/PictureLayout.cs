namespace EdgeConv.Runtime.Preprocessing;

/// <summary>Channels that a model sees, in their order.</summary>
public enum ColorOrder : byte
{
    /// <summary>One channel; colour pictures become (77 R + 150 G + 29 B + 128) >> 8.</summary>
    Gray = 0,

    /// <summary>Red, green, blue; grey pictures are repeated.</summary>
    Rgb = 1,

    /// <summary>Blue, green, red; grey pictures are repeated.</summary>
    Bgr = 2,
}

/// <summary>What happens to a picture whose aspect is not the model's.</summary>
public enum Crop : byte
{
    /// <summary>The whole picture, stretched.</summary>
    Stretch = 0,

    /// <summary>The largest centred rectangle of the model's aspect.</summary>
    Center = 1,
}

/// <summary>How a picture is brought to the model's size.</summary>
public enum Resize : byte
{
    /// <summary>Mean over the area that an output pixel covers, exact in integers; the choice for making pictures smaller.</summary>
    Area = 0,

    /// <summary>Four neighbours, pixel centres at half, weights in 11 bits.</summary>
    Bilinear = 1,

    /// <summary>The nearest pixel centre, the first of two that are as near.</summary>
    Nearest = 2,
}

/// <summary>The geometric half of preprocessing: any picture to Height x Width x Channels bytes. Trainer and device share it.</summary>
/// <param name="Width">Columns of the model's input.</param>
/// <param name="Height">Rows of the model's input.</param>
/// <param name="Color">Channels and their order.</param>
/// <param name="Crop">Rule for other aspects.</param>
/// <param name="Resize">Rule for other sizes.</param>
public sealed record PictureLayout(int Width, int Height, ColorOrder Color, Crop Crop = Crop.Stretch, Resize Resize = Resize.Area)
{
    /// <summary>1 or 3.</summary>
    public int Channels => Color == ColorOrder.Gray ? 1 : 3;

    /// <summary>Bytes of the result, HWC: one an element.</summary>
    public int ByteLength => Width * Height * Channels;
}

/// <summary>
/// What turns a picture into a model's input; it travels in the model file. After <see cref="Layout"/> each byte p of
/// channel c becomes entry c * 256 + p of the tables, which the converter computed once from mean, deviation, scale and zero point.
/// </summary>
/// <param name="Layout">Crop, resize, colour.</param>
/// <param name="Tables">256 entries a channel as the input tensor has its elements: a byte each, or two (little-endian) for int16.</param>
public sealed record PreprocessingRecord(PictureLayout Layout, ReadOnlyMemory<sbyte> Tables)
{
    /// <summary>Entries that a channel's table has: one for each byte.</summary>
    public const int EntriesAChannel = 256;

    /// <summary>Bytes of an entry, and of an element of the input: 1 or 2.</summary>
    public int EntryBytes => Tables.Length / (EntriesAChannel * Layout.Channels);
}
