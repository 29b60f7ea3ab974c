using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Gpio;

namespace EdgeConv.Devices.Acting;

/// <summary>What is done when classes are seen. Plain data: <see cref="RuleActions"/> makes the machinery.</summary>
/// <param name="Name">For messages, and for the rule's actions.</param>
/// <param name="When">The classes.</param>
public sealed record Rule(string Name, ClassSet When)
{
    /// <summary>How long one of the classes must have been there.</summary>
    public TimeSpan For { get; init; }

    /// <summary>How sure it must be until then; afterwards the rule holds as long as the class is decided.</summary>
    public float Confidence { get; init; }

    /// <summary>The least time from one time that it acts to the next.</summary>
    public TimeSpan AtMostEvery { get; init; }

    /// <summary>Acts again and again in these steps while it holds; once where this is zero.</summary>
    public TimeSpan AgainEvery { get; init; }

    /// <summary>What is done.</summary>
    public IReadOnlyList<ActionRule> Actions { get; init; } = [];
}

/// <summary>Classes by name, or one by its number.</summary>
public sealed record ClassSet(IReadOnlyList<string> Names)
{
    /// <summary>No class decided, or no frames.</summary>
    public const string Unknown = ClassDecider.UnknownName;

    /// <summary>Every class, but not <see cref="Unknown"/>.</summary>
    public const string Any = "any";

    /// <summary>The class, where it is not by name.</summary>
    public int? Index { get; init; }

    /// <summary>Which of a model's classes these are: an entry a class, before them one for unknown.</summary>
    public bool[] Of(FrameClassifier model)
    {
        bool[] members = new bool[model.Classes + 1];
        for (int i = 0; i < model.Classes; i++)
        {
            members[i + 1] = Index is { } index ? i == index : Names.Contains(Any) || Names.Contains(model.Label(i));
        }

        members[0] = Index is null && Names.Contains(Unknown);
        return members;
    }
}

/// <summary>One thing that a rule does.</summary>
public abstract record ActionRule;

/// <summary>A line that is on while the rule holds.</summary>
public sealed record SetRule(OutputLine Line) : ActionRule;

/// <summary>A line that is on for a while.</summary>
public sealed record PulseRule(OutputLine Line, TimeSpan On) : ActionRule;

/// <summary>A line that is on and off in turns, each for a while, as long as the rule holds.</summary>
public sealed record BlinkRule(OutputLine Line, TimeSpan Half) : ActionRule;

/// <summary>An MQTT message. Topic and payload may have the fields of <see cref="ActionEvent"/>; without a payload it is the event as JSON.</summary>
public sealed record PublishRule(string Topic, string? Payload, int QualityOfService, bool Retain) : ActionRule;

/// <summary>An HTTP POST of the event as JSON.</summary>
public sealed record PostRule(Uri Address, IReadOnlyList<KeyValuePair<string, string>> Headers, TimeSpan Limit) : ActionRule;

/// <summary>A program, without a shell; its words may have the fields of <see cref="ActionEvent"/>.</summary>
public sealed record RunRule(IReadOnlyList<string> Words, TimeSpan Limit) : ActionRule;

/// <summary>A line of JSON in a file, which is put aside when it gets too large.</summary>
/// <param name="File">The file; older ones are FILE.1, FILE.2...</param>
/// <param name="MostBytes">Of one file.</param>
/// <param name="Kept">How many older files stay.</param>
public sealed record AppendRule(string File, long MostBytes, int Kept) : ActionRule;

/// <summary>The frame as a picture for training.</summary>
/// <param name="Folder">Where the folders of all classes are.</param>
/// <param name="ClassName">The class, or null for the one that is seen.</param>
/// <param name="MostAMinute">No more than so many a minute.</param>
/// <param name="LeastFree">Nothing is saved when fewer bytes of the disk are free.</param>
public sealed record SaveRule(string Folder, string? ClassName, int MostAMinute, long LeastFree) : ActionRule;

/// <summary>The broker, and who we are there.</summary>
public sealed record MqttSettings(string Host, int Port)
{
    /// <summary>Before every topic, with its slash, or empty.</summary>
    public string Prefix { get; init; } = "edgeconv/";

    /// <summary>Must be another for every client of a broker.</summary>
    public string ClientId { get; init; } = $"edgeconv-{Environment.MachineName}";

    /// <summary>User, or null.</summary>
    public string? User { get; init; }

    /// <summary>Password, or null.</summary>
    public string? Password { get; init; }

    /// <summary>Whether the connection is encrypted, with the system's certificates.</summary>
    public bool Tls { get; init; }

    /// <summary>Between two reports of how the board does, or null for none.</summary>
    public TimeSpan? Telemetry { get; init; }
}
