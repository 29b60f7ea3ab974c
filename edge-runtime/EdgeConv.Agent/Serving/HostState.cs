using System.Globalization;

namespace EdgeConv.Agent.Serving;

/// <summary>What the board says about itself in /sys: how hot, and whether it had to slow down.</summary>
internal sealed class HostState(string sys = "/sys")
{
    // Bits of the Raspberry Pi's firmware; the same ones 16 places higher mean that it happened since the start.
    private static readonly (int Bit, string Name)[] _throttling =
        [(0, "under-voltage"), (1, "frequency capped"), (2, "throttled"), (3, "soft temperature limit")];

    private readonly string? _thermometer = Thermometer(sys);
    private readonly string? _firmware = Find(Path.Combine(sys, "devices/platform"), "soc*")
        .SelectMany(soc => Find(soc, "soc*firmware")).Select(firmware => Path.Combine(firmware, "get_throttled")).FirstOrDefault(File.Exists);

    /// <summary>Of the processor, in degrees Celsius; null where the kernel does not say.</summary>
    public double? Temperature() => _thermometer is not null && TryRead(_thermometer) is { } text
        && double.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out double value) ? value / 1000 : null;

    /// <summary>The firmware's bits; null on other boards.</summary>
    public int? Throttled() => _firmware is not null && TryRead(_firmware) is { } text
        && int.TryParse(text.Replace("0x", "", StringComparison.OrdinalIgnoreCase), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int bits) ? bits : null;

    /// <summary>The bits in words: "under-voltage now", "throttled before".</summary>
    public static IEnumerable<string> Words(int bits)
    {
        foreach ((int bit, string name) in _throttling)
        {
            if ((bits >> bit & 1) != 0)
            {
                yield return $"{name} now";
            }
            else if ((bits >> (bit + 16) & 1) != 0)
            {
                yield return $"{name} before";
            }
        }
    }

    private static string? Thermometer(string sys)
    {
        string[] zones = [.. Find(Path.Combine(sys, "class/thermal"), "thermal_zone*").Order(StringComparer.Ordinal)];
        string? zone = zones.FirstOrDefault(zone => TryRead(Path.Combine(zone, "type")) is { } type
            && (type.Contains("cpu", StringComparison.OrdinalIgnoreCase) || type.Contains("pkg", StringComparison.OrdinalIgnoreCase)));
        return (zone ?? zones.FirstOrDefault()) is { } found ? Path.Combine(found, "temp") : null;
    }

    private static string[] Find(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.GetDirectories(folder, pattern) : [];

    private static string? TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
