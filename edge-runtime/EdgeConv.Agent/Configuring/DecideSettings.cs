using EdgeConv.Devices.Deciding;

namespace EdgeConv.Agent.Configuring;

/// <summary>[decide]: what counts as seen.</summary>
internal sealed record DecideSettings(DecisionRules Rules, FrameRegion? Region, double? MostFramesASecond)
{
    /// <summary>The longest that a class may be held.</summary>
    public static TimeSpan LongestHold { get; } = TimeSpan.FromHours(1);

    /// <summary>Reads the table; without one all is as the command line has it without options.</summary>
    public static DecideSettings Read(TomlTable? table)
    {
        DecisionRules rules = new();
        if (table is null)
        {
            return new DecideSettings(rules, null, null);
        }

        rules = rules with
        {
            Threshold = (float?)table.Number("threshold", 0, 1) ?? rules.Threshold,
            Votes = table.Whole("votes", 1, 1000) ?? rules.Votes,
            Margin = table.Whole("margin", 0, 500) ?? rules.Margin,
            Hold = table.Time("hold") ?? rules.Hold,
        };
        if (rules.Needed > rules.Votes)
        {
            table.Mistake("margin", $"of {rules.Votes} votes {rules.Majority} are a majority; a margin of at most {rules.Votes - rules.Majority} is left.");
        }

        if (rules.Hold > LongestHold)
        {
            table.Mistake("hold", $"expected at most {LongestHold.TotalHours} h.");
        }

        DecideSettings settings = new(rules, ReadRegion(table), table.Number("most-frames-a-second", 0.001, 1000));
        table.RefuseOthers();
        return settings;
    }

    private static FrameRegion? ReadRegion(TomlTable decide)
    {
        if (decide.Table("region") is not { } table)
        {
            return null;
        }

        string[] keys = ["x", "y", "width", "height"];
        foreach (string key in keys)
        {
            table.Need(key);
        }

        // 0.5 is a fraction and 160 are pixels; a 0 is either.
        bool isFraction = keys.Any(key => table.Find(key)?.Content is double);
        double[] values = [.. keys.Select(key => isFraction ? table.Number(key, 0, 1) ?? 0 : table.Whole(key, 0, 32768) ?? 0)];
        table.RefuseOthers();
        bool isSize = keys.All(table.Has) && values[2] > 0 && values[3] > 0 && (!isFraction || values[0] + values[2] <= 1 && values[1] + values[3] <= 1);
        if (keys.All(table.Has) && !isSize)
        {
            decide.Mistake("region", "expected a rectangle inside of the picture, in pixels (width = 160) or in fractions of it (width = 0.5, x + width at most 1.0).");
        }

        return isSize ? new FrameRegion(values[0], values[1], values[2], values[3], isFraction) : null;
    }
}
