using System.Text;
using EdgeConv.Runtime.Preprocessing;
using Spectre.Console;

namespace EdgeConv.Cli.Screen;

/// <summary>Small grey pictures in a terminal: two pixels a character with colours, shades without.</summary>
internal static class PictureBlocks
{
    private const string Shades = " .:-=+*#%@";

    /// <summary>Pictures side by side with a caption under each.</summary>
    /// <param name="pictures">All drawn at the same size.</param>
    /// <param name="captions">One a picture, shorter than it is wide.</param>
    /// <param name="side">Columns a picture.</param>
    /// <param name="terminal">Where they go.</param>
    public static void Print(IReadOnlyList<Picture> pictures, IReadOnlyList<string> captions, int side, Terminal terminal)
    {
        PictureResampler resampler = new(new PictureLayout(side, side, ColorOrder.Gray));
        byte[][] small = [.. pictures.Select(picture => Shrink(resampler, picture, side))];
        StringBuilder text = new();
        for (int y = 0; y < side; y += 2)
        {
            foreach (byte[] picture in small)
            {
                for (int x = 0; x < side; x++)
                {
                    int upper = picture[y * side + x];
                    int lower = y + 1 < side ? picture[(y + 1) * side + x] : 0;
                    text.Append(terminal.Colors
                        ? $"[rgb({upper},{upper},{upper}) on rgb({lower},{lower},{lower})]\u2580[/]"
                        : Shades[(upper + lower) / 2 * (Shades.Length - 1) / 255].ToString());
                }

                text.Append("  ");
            }

            text.AppendLine();
        }

        text.AppendJoin("  ", captions.Select(caption => Markup.Escape(caption.PadRight(side))));
        terminal.Block(new Markup(text.ToString()));
        terminal.Line();
    }

    private static byte[] Shrink(PictureResampler resampler, Picture picture, int side)
    {
        byte[] pixels = new byte[side * side];
        resampler.Run(picture, pixels);
        return pixels;
    }
}
