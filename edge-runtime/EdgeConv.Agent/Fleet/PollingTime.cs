using System.Globalization;

namespace EdgeConv.Agent.Fleet;

/// <summary>The server's word for the pause between two polls.</summary>
internal static class PollingTime
{
    private const int MostHours = 9999;

    /// <summary>hours:minutes:seconds, null where it is something else: then the configuration's holds.</summary>
    public static TimeSpan? Parse(string? text)
    {
        string[] parts = text?.Split(':') ?? [];
        int[] numbers = [.. parts.Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1)];
        return numbers is [>= 0 and <= MostHours, >= 0 and < 60, >= 0 and < 60] ? new TimeSpan(numbers[0], numbers[1], numbers[2]) : null;
    }
}
