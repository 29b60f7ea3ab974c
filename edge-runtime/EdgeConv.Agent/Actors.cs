using System.Device.Gpio;
using System.Globalization;
using EdgeConv.Agent.Configuring;
using EdgeConv.Agent.Operating;
using EdgeConv.Devices.Acting;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Gpio;
using EdgeConv.Devices.Watching;

namespace EdgeConv.Agent;

/// <summary>What the rules lean on: GPIO lines, broker, stop button. Only what the configuration asks for is opened; the lines are off at its end.</summary>
internal sealed class Actors : IDisposable
{
    private readonly Stack<IDisposable> _opened = new();
    private readonly GpioController? _controller;
    private readonly WatchSettings _settings;

    /// <summary>Opens it.</summary>
    /// <exception cref="GpioException">Lines are asked for and there is no chip.</exception>
    /// <exception cref="FailureException">A line is not free.</exception>
    public Actors(WatchSettings settings, IReadOnlyList<Rule> rules, FrameClassifier classifier, Journal log)
    {
        _settings = settings;
        try
        {
            IReadOnlyList<OutputLine> lines = RuleActions.LinesOf(rules);
            _controller = lines.Count > 0 || settings.Gpio.StopButton is not null ? Keep(GpioChips.Open(settings.Gpio.Chip)) : null;
            OutputLines? outputs = lines.Count == 0 ? null : Open($"GPIO lines {string.Join(", ", lines.Select(line => line.Number))}", () => new OutputLines(_controller!, lines));
            Mqtt = settings.Mqtt is null ? null : Keep(new MqttLink(settings.Mqtt, log.Information));
            Listener = rules.Count == 0 ? null : Keep(new RuleListener(rules, classifier, new RuleActions(outputs, Mqtt, log.Warning), log.Warning));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Lets the rules act; null without rules.</summary>
    public IWatchListener? Listener { get; }

    /// <summary>The broker, or null.</summary>
    public MqttLink? Mqtt { get; }

    /// <summary>Begins to look at the stop button, where there is one.</summary>
    /// <exception cref="FailureException">Its line is not free.</exception>
    public void LookAtButton(Action pressed)
    {
        if (_settings.Gpio.StopButton is { } line)
        {
            Open($"GPIO line {line}", () => new StopButton(_controller!, line, pressed));
        }
    }

    /// <summary>Closes in the reverse order: actions before their lines, lines before the chip.</summary>
    public void Dispose()
    {
        while (_opened.TryPop(out IDisposable? last))
        {
            last.Dispose();
        }
    }

    /// <summary>--pins: a rule a class, its line on while the class is decided.</summary>
    /// <exception cref="UsageException">Not a line a class.</exception>
    public static IEnumerable<Rule> PinRules(Arguments arguments, FrameClassifier classifier, GpioSettings gpio)
    {
        bool activeLow = arguments.Option("--active") switch
        {
            null => gpio.ActiveLow,
            "high" => false,
            "low" => true,
            string other => throw new UsageException($"--active {other}: expected high or low."),
        };
        if (arguments.Option("--pins") is not { } text)
        {
            return [];
        }

        int[] pins = [.. text.Split(',').Select(part =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int pin) ? pin : part == "-" ? ClassPins.NoLine : int.MinValue)];
        int[] lines = [.. pins.Where(pin => pin != ClassPins.NoLine)];
        if (pins.Length != classifier.Classes || pins.Contains(int.MinValue) || lines.Length == 0 || lines.Distinct().Count() != lines.Length)
        {
            throw new UsageException($"--pins {text}: expected {classifier.Classes} different line numbers, one a class, separated by commas; - for none.");
        }

        return Enumerable.Range(0, pins.Length).Where(index => pins[index] != ClassPins.NoLine).Select(index =>
            new Rule($"--pins, {classifier.Label(index)}", new ClassSet([]) { Index = index }) { Actions = [new SetRule(new OutputLine(pins[index], activeLow))] });
    }

    private T Keep<T>(T opened)
        where T : IDisposable
    {
        _opened.Push(opened);
        return opened;
    }

    private T Open<T>(string what, Func<T> open)
        where T : IDisposable
    {
        try
        {
            return Keep(open());
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new FailureException($"{what}: {error.Message}");
        }
    }
}
