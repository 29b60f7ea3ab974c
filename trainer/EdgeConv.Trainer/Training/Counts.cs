using System.Globalization;

namespace EdgeConv.Trainer.Training;

/// <summary>Numbers of things as people read them, as the other commands write them too.</summary>
internal static class Counts
{
    /// <summary>61,706.</summary>
    public static string Of(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
