using System.Globalization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Screen;

/// <summary>Numbers as people read them, in one way everywhere.</summary>
internal static class Units
{
    /// <summary>61,706.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>98.76 %.</summary>
    public static string Percent(double share, int digits = 2) =>
        $"{Number(share * 100, digits)} %";

    /// <summary>512 B, 64.9 KB (of 1,024), 3.1 MB, 4.0 GB.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:F1} KB"),
        < 1024 * 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):F1} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024 * 1024):F1} GB"),
    };

    /// <summary>14.5 us, 3.94 ms, 1.25 s.</summary>
    public static string Time(double seconds) => seconds switch
    {
        < 1e-3 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:F2} us"),
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e3:F2} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds:F2} s"),
    };

    /// <summary>15 us, 3.9 ms, 160 ms: no more of an estimate than it knows.</summary>
    public static string Estimate(double seconds)
    {
        (double scale, string unit) = seconds < 0.995e-3 ? (1e6, "us") : seconds < 0.995 ? (1e3, "ms") : (1, "s");
        double value = seconds * scale;
        double step = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(value, 1e-3))) - 1);
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Round(Math.Round(value / step) * step, 4):0.####} {unit}");
    }

    /// <summary>A number with so many digits after the point.</summary>
    public static string Number(double value, int digits = 2) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);

    /// <summary>int8, int16.</summary>
    public static string Type(TensorInfo tensor) => tensor.Type.ToString().ToLowerInvariant();

    /// <summary>28x28 grey, crop stretch, resize area.</summary>
    public static string Layout(PictureLayout layout)
    {
        string color = layout.Color == ColorOrder.Gray ? "grey" : layout.Color.ToString().ToUpperInvariant();
        string crop = layout.Crop == Crop.Center ? "centre" : "stretch";
        return $"{layout.Width}x{layout.Height} {color}, crop {crop}, resize {layout.Resize.ToString().ToLowerInvariant()}";
    }

    /// <summary>1x28x28x1.</summary>
    public static string Shape(IEnumerable<int> shape) => string.Join('x', shape);

    /// <summary>The middle of the values, the mean of the two in the middle when their number is even.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? 0 : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
