using System.Diagnostics;

namespace EdgeConv.Devices.Deciding;

/// <summary>How sure it must be before something happens.</summary>
/// <param name="Threshold">Confidence below which a frame says nothing: its class is unknown.</param>
/// <param name="Votes">Frames that are looked at together; 1 follows every frame.</param>
/// <param name="Margin">Votes beyond the majority that another class needs before it takes over.</param>
/// <param name="Hold">How long a class stays at least.</param>
public sealed record DecisionRules(float Threshold = 0.5f, int Votes = 5, int Margin = 0, TimeSpan Hold = default)
{
    /// <summary>More than half of the votes.</summary>
    public int Majority => Votes / 2 + 1;

    /// <summary>Votes that a class needs before it takes over.</summary>
    public int Needed => Majority + Margin;
}

/// <summary>One class out of the answers to many frames: the majority of the last few, which does not flicker. Allocates nothing a frame.</summary>
public sealed class ClassDecider
{
    /// <summary>No class: not sure, or no frames.</summary>
    public const int Unknown = -1;

    /// <summary>What <see cref="Unknown"/> is called wherever classes have names.</summary>
    public const string UnknownName = "unknown";

    private readonly DecisionRules _rules;
    private readonly int[] _last;
    private readonly float[] _sure;
    private readonly int[] _counts;
    private int _seen;
    private long _since;

    /// <summary>For a model of so many classes.</summary>
    /// <exception cref="ArgumentException">Rules that no frames could fulfil.</exception>
    public ClassDecider(int classes, DecisionRules rules)
    {
        if (rules.Votes < 1 || rules.Margin < 0 || rules.Needed > rules.Votes)
        {
            throw new ArgumentException(
                $"{rules.Votes} votes with a margin of {rules.Margin}: expected 1 vote or more, and no more needed than there are.", nameof(rules));
        }

        _rules = rules;
        _last = new int[rules.Votes];
        _sure = new float[rules.Votes];
        _counts = new int[classes + 1];
    }

    /// <summary>The class, or <see cref="Unknown"/>.</summary>
    public int Current { get; private set; } = Unknown;

    /// <summary>
    /// Of the likeliest class in the newest frame that voted for <see cref="Current"/>. The frame that brings a change need not be that one: it may
    /// only have ended the time that the class before stays.
    /// </summary>
    public float Confidence { get; private set; }

    /// <summary>Takes the confidences of a frame.</summary>
    /// <param name="confidences">One a class.</param>
    /// <param name="now">In ticks of the stopwatch.</param>
    /// <returns>Whether <see cref="Current"/> is another now.</returns>
    public bool Add(ReadOnlySpan<float> confidences, long now)
    {
        int best = Confidences.Best(confidences);
        int newest = Vote(confidences[best] >= _rules.Threshold ? best : Unknown, confidences[best]);
        int leader = Leader();
        bool mayChange = _since == 0 || Stopwatch.GetElapsedTime(_since, now) >= _rules.Hold;
        bool isChange = leader != Current && mayChange && _counts[leader + 1] >= _rules.Needed;
        if (isChange)
        {
            (Current, _since) = (leader, now);
        }

        Confidence = NewestFor(Current, newest) ?? Confidence;
        return isChange;
    }

    /// <summary>Forgets all frames, since no more come.</summary>
    /// <returns>Whether there was a class.</returns>
    public bool Reset()
    {
        bool had = Current != Unknown;
        (Current, Confidence, _seen, _since) = (Unknown, 0, 0, 0);
        _counts.AsSpan().Clear();
        return had;
    }

    /// <returns>Where it is.</returns>
    private int Vote(int vote, float confidence)
    {
        int at = _seen++ % _last.Length;
        if (_seen > _last.Length)
        {
            _counts[_last[at] + 1]--;
        }

        (_last[at], _sure[at]) = (vote, confidence);
        _counts[vote + 1]++;
        // So that counting goes on for years.
        _seen = _seen == 2 * _last.Length ? _last.Length : _seen;
        return at;
    }

    private float? NewestFor(int vote, int newest)
    {
        for (int age = 0; age < Math.Min(_seen, _last.Length); age++)
        {
            int at = newest >= age ? newest - age : newest - age + _last.Length;
            if (_last[at] == vote)
            {
                return _sure[at];
            }
        }

        return null;
    }

    private int Leader()
    {
        int leader = Unknown;
        for (int i = 0; i < _counts.Length - 1; i++)
        {
            leader = _counts[i + 1] > _counts[leader + 1] ? i : leader;
        }

        return leader;
    }
}
