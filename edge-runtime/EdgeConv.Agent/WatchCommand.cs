using EdgeConv.Agent.Configuring;
using EdgeConv.Agent.Operating;
using EdgeConv.Agent.Serving;
using EdgeConv.Devices.Acting;
using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Updating;
using EdgeConv.Devices.Watching;

namespace EdgeConv.Agent;

/// <summary>Watches a camera: says which class it sees, lets rules act on it, saves frames for training.</summary>
internal static class WatchCommand
{
    /// <summary>The options of run that belong to a camera.</summary>
    public static IReadOnlyList<string> Options { get; } = [.. WatchSettings.Options, "--frames", "--save-as", "--to"];

    /// <summary>run MODEL --camera URI | run --config FILE.</summary>
    public static void Execute(Arguments arguments, TextWriter output)
    {
        WatchSettings settings = WatchSettings.Read(arguments);
        Journal log = Journal.On(output);
        using FrameClassifier classifier = settings.Source.OpenFirst(() => ModelFile.Named(settings.Source.File, settings.OpenModel), log.Warning);
        Rule[] pins = [.. Actors.PinRules(arguments, classifier, settings.Gpio)];
        FrameFolder? folder = Folder(arguments);
        using Actors actors = new(settings, [.. settings.Rules, .. pins], classifier, log);
        ChangeLog changes = new(log);
        List<IWatchListener> listeners = [changes];
        listeners.AddRange(new IWatchListener?[] { actors.Listener, folder is null ? null : new FrameSaver(folder, log.Warning) }.OfType<IWatchListener>());
        using IFrameSource source = FrameSources.Open(settings.Camera, log.Information, mustBeThere: false, log.Warning);
        using ServedPage? page = settings.Serve is { } serve ? ServedPage.Open(serve with { Period = settings.Period }, settings.Camera.ToString(), log) : null;
        using Reporting reporting = Reporting.Begin(settings, actors.Mqtt, page?.Record, listeners, log, Gate(settings, pins.Length == 0 ? null : classifier.Classes));
        using WatchSession session = WatchSession.Begin(log, page, source, settings, listeners);
        using Watcher watcher = new(source, classifier, settings.Decide, listeners) { Period = settings.Period };
        using StopSignals signals = new(watcher.Stop);
        session.Follow(settings, watcher, classifier, pins.Length == 0 ? null : classifier.Classes);
        actors.LookAtButton(watcher.Stop);
        watcher.Run(arguments.Option("--frames") is null ? long.MaxValue : arguments.Count("--frames"));
        session.EndWell();
        changes.Finish();
    }

    /// <summary>Where a fleet's packages come in; null without slots.</summary>
    private static IUpdateGate? Gate(WatchSettings settings, int? classes) => settings.Update.Slots is null ? null
        : settings.Update.OpenGate(next => WatchSession.Objection(settings.Rules, next, classes), settings.Path, settings.Threads);

    private static FrameFolder? Folder(Arguments arguments) => (arguments.Option("--save-as"), arguments.Option("--to")) switch
    {
        (null, null) => null,
        (string name, string root) => FrameFolder.IsClassName(name) ? new FrameFolder(root, name)
            : throw new UsageException($"--save-as {name}: expected a folder's name of letters, digits, blanks, '-', '_' and '.', with no '.' at the start."),
        _ => throw new UsageException("to save frames give both --save-as CLASS and --to FOLDER."),
    };
}
