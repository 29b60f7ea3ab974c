using System.Globalization;
using EdgeConv.Runtime;

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

    /// <summary>A number with so many digits after the point.</summary>
    public static string Number(double value, int digits = 2) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);

    /// <summary>int8, int16.</summary>
    public static string Type(TensorInfo tensor) => tensor.Type.ToString().ToLowerInvariant();

    /// <summary>1x28x28x1.</summary>
    public static string Shape(IEnumerable<int> shape) => string.Join('x', shape);

    /// <summary>The middle of the values, the mean of the two in the middle when their number is even.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? 0 : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
