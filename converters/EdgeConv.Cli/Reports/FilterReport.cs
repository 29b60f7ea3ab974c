using System.Globalization;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Visualization;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Reports;

/// <summary>What `filter` says, for people and for programs.</summary>
internal static class FilterReport
{
    // A wider or higher response is a picture to look at, not numbers to read.
    private const int MostNumbers = 12;
    private const int MostValues = 1 << 16;

    /// <summary>For people.</summary>
    public static void Print(
        string file, in Picture picture, FilterKernel kernel, FilteredPicture filtered, string output, Terminal terminal)
    {
        string color = picture.Format == PixelFormat.Gray8 ? "grey" : filtered.Channels == 3 ? "colour, each by itself" : "colour, taken as grey";
        terminal.Line($"{file}: {picture.Width}x{picture.Height}, {color}; filter {kernel.Name}, {kernel.Rows}x{kernel.Columns}:");
        Print(kernel.Values, kernel.Columns, terminal);
        (Runtime.Window w, bool isPadded) = (filtered.Window, filtered.Window.HasPadding);
        terminal.Line($"size of the response: {(isPadded ? "(n + 2p - f)" : "(n - f)")} / s + 1, rounded down");
        terminal.Line($"  width   {Rule(picture.Width, w.KernelW, w.PadLeft, w.PadRight, w.StrideW, filtered.Width)}");
        terminal.Line($"  height  {Rule(picture.Height, w.KernelH, w.PadTop, w.PadBottom, w.StrideH, filtered.Height)}");
        terminal.Line($"response {Value(filtered.Values.Min())} to {Value(filtered.Values.Max())}; int8 in steps of "
            + $"{filtered.Step.ToString("G4", CultureInfo.InvariantCulture)}, at most {filtered.LargestError.ToString("G2", CultureInfo.InvariantCulture)} from float, "
            + (filtered.Saturated == 0 ? "nothing clipped" : $"{Units.Count(filtered.Saturated)} values clipped"));
        if (filtered.Channels == 1 && filtered.Width <= MostNumbers && filtered.Height <= MostNumbers)
        {
            Print(filtered.Values, filtered.Width, terminal);
        }

        terminal.Line($"wrote {output}: mid grey is 0, white {Value(filtered.Largest)}, black {Value(-filtered.Largest)}");
    }

    /// <summary>For programs; the responses themselves where they are few.</summary>
    public static object ToJson(string file, in Picture picture, FilterKernel kernel, FilteredPicture filtered, string output) => new
    {
        Picture = file,
        Kernel = kernel,
        Input = new { picture.Width, picture.Height },
        filtered.Window,
        filtered.Width,
        filtered.Height,
        filtered.Channels,
        Min = filtered.Values.Min(),
        Max = filtered.Values.Max(),
        filtered.Step,
        filtered.LargestError,
        filtered.Saturated,
        Output = output,
        Responses = filtered.Values.Length <= MostValues ? filtered.Values : null,
    };

    private static string Rule(int n, int f, int before, int after, int s, int size)
    {
        string padding = before == after ? before == 0 ? "" : $" + 2*{before}" : $" + {before} + {after}";
        return $"({n}{padding} - {f}) / {s} + 1 = {size}";
    }

    private static void Print(IReadOnlyList<float> values, int columns, Terminal terminal)
    {
        string[] words = [.. values.Select(Value)];
        int width = words.Max(word => word.Length);
        foreach (string[] row in words.Chunk(columns))
        {
            terminal.Line("  " + string.Join("  ", row.Select(word => word.PadLeft(width))));
        }
    }

    // Two digits behind the point where there are any; never -0.
    private static string Value(float value) => (Math.Round(value, 2) + 0.0).ToString("0.##", CultureInfo.InvariantCulture);
}
