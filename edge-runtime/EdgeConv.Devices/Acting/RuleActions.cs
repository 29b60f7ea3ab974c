using EdgeConv.Devices.Gpio;

namespace EdgeConv.Devices.Acting;

/// <summary>Makes the machinery of a rule's actions.</summary>
/// <param name="lines">The lines that the rules switch, or null where there are none.</param>
/// <param name="mqtt">The broker, or null where nothing is published.</param>
/// <param name="say">Told of what fails, from other threads.</param>
public sealed class RuleActions(OutputLines? lines, MqttLink? mqtt, Action<string> say)
{
    /// <summary>The lines that rules switch.</summary>
    public static IReadOnlyList<OutputLine> LinesOf(IEnumerable<Rule> rules) => [.. rules.SelectMany(rule => rule.Actions).Select(action => action switch
    {
        SetRule set => set.Line,
        PulseRule pulse => pulse.Line,
        BlinkRule blink => blink.Line,
        _ => (OutputLine?)null,
    }).OfType<OutputLine>()];

    internal RuleAction Make(Rule rule, ActionRule action) => action switch
    {
        SetRule set => new SetAction(rule.Name, Lines, set.Line.Number, say),
        PulseRule pulse => new PulseAction(rule.Name, Lines, pulse.Line.Number, pulse.On, say),
        BlinkRule blink => new BlinkAction(rule.Name, Lines, blink.Line.Number, blink.Half, say),
        PublishRule publish => new PublishAction(mqtt ?? throw new ArgumentException($"{rule.Name}: no broker to publish to.", nameof(action)), publish),
        PostRule post => new PostAction($"{rule.Name}, post", post, say),
        RunRule run => new RunAction($"{rule.Name}, run", run, say),
        AppendRule append => new AppendAction($"{rule.Name}, append", append, say),
        SaveRule save => new SaveAction($"{rule.Name}, save", save, say),
        _ => throw new ArgumentException($"{rule.Name}: {action.GetType().Name} is no action.", nameof(action)),
    };

    private OutputLines Lines => lines ?? throw new InvalidOperationException("Rules switch lines, and none are open.");
}
