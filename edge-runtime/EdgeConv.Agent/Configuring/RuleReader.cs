using EdgeConv.Devices.Acting;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Gpio;

namespace EdgeConv.Agent.Configuring;

/// <summary>[[rule]], with [gpio] and [mqtt] that its actions lean on.</summary>
internal sealed class RuleReader
{
    private const int MostPulse = 3_600_000;
    private static readonly TimeSpan _postLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _runLimit = TimeSpan.FromSeconds(30);

    private readonly TomlTable _root;
    private readonly Paths _paths;
    private readonly Dictionary<int, Place> _lines = [];
    private readonly List<(string Name, Place Place)> _classes = [];

    /// <summary>Reads them.</summary>
    public RuleReader(TomlTable root, Paths paths)
    {
        (_root, _paths) = (root, paths);
        Gpio = GpioSettings.Read(root.Table("gpio"));
        Mqtt = BrokerSettings.Read(root.Table("mqtt"), paths);
        if (Gpio.StopButton is { } button)
        {
            _lines.Add(button, root.Table("gpio")!.PlaceOf("stop-button"));
        }

        Rules = [.. root.Tables("rule").Select(ReadRule)];
    }

    /// <summary>[gpio].</summary>
    public GpioSettings Gpio { get; }

    /// <summary>[mqtt], or null.</summary>
    public MqttSettings? Mqtt { get; }

    /// <summary>The rules, in the file's order.</summary>
    public IReadOnlyList<Rule> Rules { get; }

    /// <summary>Notes the classes that a model does not have.</summary>
    public void CheckClasses(FrameClassifier model)
    {
        string[] known = [ClassSet.Unknown, ClassSet.Any, .. Enumerable.Range(0, model.Classes).Select(model.Label)];
        foreach ((string name, Place place) in _classes.Where(entry => !known.Contains(entry.Name)))
        {
            string labels = string.Join(", ", known.Select(label => $"\"{label}\""));
            _root.Mistakes.Add(place, $"{model.Model.Name} has no class \"{name}\"; it has {labels}.");
        }
    }

    private Rule ReadRule(TomlTable table, int index)
    {
        IReadOnlyList<(string Text, Place Place)>? when = table.Words("when", oneAlone: true);
        table.Need("when");

        _classes.AddRange(when ?? []);
        Rule rule = new(table.Text("name") ?? $"rule {index + 1}", new ClassSet([.. (when ?? []).Select(word => word.Text)]))
        {
            For = table.Time("for") ?? TimeSpan.Zero,
            Confidence = (float)(table.Number("confidence", 0, 1) ?? 0),
            AtMostEvery = table.Time("at-most-every") ?? TimeSpan.Zero,
            AgainEvery = table.Time("again-every") ?? TimeSpan.Zero,
            Actions = [.. ReadActions(table).OfType<ActionRule>()],
        };
        string[] actions = ["set", "pulse", "blink", "publish", "post", "run", "append", "save"];
        if (!actions.Any(table.Has))
        {
            _root.Mistakes.Add(table.Place, $"a rule without an action; expected {string.Join(", ", actions)}.");
        }

        table.RefuseOthers();
        return rule;
    }

    private IEnumerable<ActionRule?> ReadActions(TomlTable table)
    {
        yield return Read(table.TableOr("set", "line"), set => Line(set) is { } line ? new SetRule(line) : null);
        yield return Read(table.Table("pulse"), pulse => Timed(pulse, (line, time) => new PulseRule(line, time)));
        yield return Read(table.Table("blink"), blink => Timed(blink, (line, time) => new BlinkRule(line, time)));
        yield return Read(table.TableOr("publish", "topic"), publish => Publish(publish, table));
        yield return Read(table.TableOr("post", "url"), Post);
        yield return Read(table.TableOr("run", "command"), run => run.Words("command", oneAlone: false) is { } words
            ? new RunRule([.. words.Select(word => word.Text)], run.TimeAboveZero("time-limit") ?? _runLimit) : Missing(run, "command"));
        yield return Read(table.TableOr("append", "file"), append => _paths.Of(append.Text("file")) is { } file
            ? new AppendRule(file, (long)((append.Number("megabytes", 0.001, 1e6) ?? 10) * 1e6), append.Whole("keep", 0, 100) ?? 3) : Missing(append, "file"));
        yield return Read(table.TableOr("save", "folder"), Save);
    }

    private static ActionRule? Read(TomlTable? table, Func<TomlTable, ActionRule?> read)
    {
        if (table is null)
        {
            return null;
        }

        ActionRule? action = read(table);
        table.RefuseOthers();
        return action;
    }

    private ActionRule? Timed(TomlTable table, Func<OutputLine, TimeSpan, ActionRule> make)
    {
        OutputLine? line = Line(table);
        int? time = table.Whole("ms", 1, MostPulse);
        table.Need("ms");

        return line is { } found && time is { } milliseconds ? make(found, TimeSpan.FromMilliseconds(milliseconds)) : null;
    }

    private OutputLine? Line(TomlTable table)
    {
        bool activeLow = table.Flag("active-low", Gpio.ActiveLow);
        if (table.Whole("line", 0, Gpio.LastLine) is not { } line)
        {
            Missing(table, "line");
            return null;
        }

        Place place = table.PlaceOf("line");
        if (!_lines.TryAdd(line, place))
        {
            table.Mistake("line", $"GPIO line {line} is taken already, at {_lines[line].Line}:{_lines[line].Column}; a line belongs to one rule.");
        }

        return new OutputLine(line, activeLow);
    }

    private PublishRule? Publish(TomlTable table, TomlTable rule)
    {
        string? topic = table.Text("topic");
        PublishRule publish = new(topic ?? "", table.Text("payload"), table.Whole("qos", 0, 2) ?? 0, table.Flag("retain"));
        if (Mqtt is null && !_root.Has("mqtt"))
        {
            rule.Mistake("publish", "to whom? Name the broker: [mqtt] broker = \"host:1883\".");
        }

        BrokerSettings.RefuseWildcards(table, publish.Topic);
        return topic is null ? (PublishRule?)Missing(table, "topic") : publish;
    }

    private static PostRule? Post(TomlTable table)
    {
        IReadOnlyList<KeyValuePair<string, string>> headers = table.Table("headers")?.Texts() ?? [];
        TimeSpan limit = table.TimeAboveZero("time-limit") ?? _postLimit;
        if (table.Text("url") is not { } text)
        {
            return (PostRule?)Missing(table, "url");
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            table.Mistake("url", $"found \"{text}\", expected one such as \"http://host:8080/path\".");
            return null;
        }

        return new PostRule(address, headers, limit);
    }

    private SaveRule? Save(TomlTable table)
    {
        string? folder = _paths.Of(table.Text("folder")), name = table.Text("class");
        if (name is not null && !FrameFolder.IsClassName(name))
        {
            table.Mistake("class", $"\"{name}\" is no name for a folder; expected letters, digits, blanks, '-', '_' and '.', no '.' at the start.");
        }

        SaveRule save = new(folder ?? "", name, table.Whole("most-a-minute", 1, 6000) ?? 10, (long)((table.Number("megabytes-free", 0, 1e9) ?? 100) * 1e6));
        return folder is null ? (SaveRule?)Missing(table, "folder") : save;
    }

    /// <summary>No action without that key.</summary>
    private static ActionRule? Missing(TomlTable table, string key)
    {
        table.Need(key);

        return null;
    }
}
