using EdgeConv.Cli.Models;
using EdgeConv.Converters.Augmentation;
using EdgeConv.Converters.Data;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Reports;

/// <summary>A sheet of examples: in each row a picture as it is, then what augmentation makes of it.</summary>
internal static class PreviewSheet
{
    private const int Rows = 10, Variants = 9, Cell = 96, Gap = 6;
    private const byte Paper = 255;

    /// <summary>A PNG; the pictures are spread over the data set, those that do not decode are passed over.</summary>
    /// <exception cref="DataSetException">No picture decodes.</exception>
    public static byte[] Draw(IDataSet data, AugmentationPlan plan, ulong seed)
    {
        List<(int Index, Picture Picture)> chosen = Choose(data);
        int width = Gap + ((Variants + 1) * (Cell + Gap)), height = Gap + (chosen.Count * (Cell + Gap));
        var sheet = new byte[width * height * 3];
        sheet.AsSpan().Fill(Paper);
        for (int row = 0; row < chosen.Count; row++)
        {
            (int index, Picture picture) = chosen[row];
            for (int column = 0; column <= Variants; column++)
            {
                Picture shown = column == 0 ? picture : AugmentRun.Change(picture, plan, seed, index, column);
                Paste(shown, sheet, width, Gap + (column * (Cell + Gap)), Gap + (row * (Cell + Gap)));
            }
        }

        return PngFile.Encode(new Picture(sheet, width, height, PixelFormat.Rgb24));
    }

    private static List<(int, Picture)> Choose(IDataSet data)
    {
        var chosen = new List<(int, Picture)>();
        DataSetException? last = null;
        foreach (int index in Enumerable.Range(0, Rows).Select(i => (int)((long)i * data.Count / Rows)).Distinct())
        {
            try
            {
                chosen.Add((index, data.Load(index)));
            }
            catch (DataSetException e)
            {
                last = e;
            }
        }

        return chosen.Count > 0 ? chosen : throw last ?? new DataSetException($"{data.Name} has no pictures.");
    }

    // As large as it fits into the cell, in its middle.
    private static void Paste(in Picture picture, byte[] sheet, int sheetWidth, int left, int top)
    {
        double scale = Math.Min((double)Cell / picture.Width, (double)Cell / picture.Height);
        int width = Math.Max(1, (int)(picture.Width * scale)), height = Math.Max(1, (int)(picture.Height * scale));
        var layout = new PictureLayout(width, height, ColorOrder.Rgb, Resize: scale < 1 ? Resize.Area : Resize.Nearest);
        var pixels = new byte[layout.ByteLength];
        new PictureResampler(layout).Run(picture, pixels);
        for (int y = 0; y < height; y++)
        {
            int at = (((top + ((Cell - height) / 2) + y) * sheetWidth) + left + ((Cell - width) / 2)) * 3;
            pixels.AsSpan(y * width * 3, width * 3).CopyTo(sheet.AsSpan(at));
        }
    }
}
