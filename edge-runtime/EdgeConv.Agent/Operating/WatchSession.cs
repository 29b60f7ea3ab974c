using EdgeConv.Agent.Configuring;
using EdgeConv.Agent.Serving;
using EdgeConv.Devices.Acting;
using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Watching;

namespace EdgeConv.Agent.Operating;

/// <summary>What goes with a watcher that runs for long: systemd's watchdog, and the model file that may be replaced under it.</summary>
internal sealed class WatchSession : ISwapListener, IDisposable
{
    private readonly Journal _log;
    private readonly ServedPage? _page;
    private ModelSource? _source;
    private Trial? _trial;
    private ServiceNotifier? _notifier;
    private Heartbeat? _heartbeat;
    private ModelSwap? _swap;
    private Watcher? _watcher;

    private WatchSession(Journal log, ServedPage? page) => (_log, _page) = (log, page);

    /// <summary>Begins before the watcher, which has its listeners from the start.</summary>
    /// <param name="log">For people.</param>
    /// <param name="page">The page, or null.</param>
    /// <param name="source">The frames.</param>
    /// <param name="settings">What is watched.</param>
    /// <param name="listeners">Gets what this adds.</param>
    public static WatchSession Begin(Journal log, ServedPage? page, IFrameSource source, WatchSettings settings, List<IWatchListener> listeners)
    {
        WatchSession session = new(log, page) { _notifier = ServiceNotifier.Open(Environment.GetEnvironmentVariable) };
        if (page is not null)
        {
            listeners.AddRange(page.Listeners);
        }

        if (session._notifier is { } notifier)
        {
            session._heartbeat = new Heartbeat(notifier, settings.Period, () => source is LiveCamera camera ? camera.Idle : TimeSpan.Zero);
            listeners.Add(session._heartbeat);
        }

        if (settings.Source.Slots is not null)
        {
            session._trial = new Trial(settings.Source, settings.Trial, log, WatchState.OldestAt(settings.Period));
            listeners.Add(session._trial);
        }

        return session;
    }

    /// <summary>From now on a model file that is replaced takes over.</summary>
    /// <param name="settings">Name the file, and what its classes are needed for.</param>
    /// <param name="watcher">Gets the new one.</param>
    /// <param name="first">The one that looks now.</param>
    /// <param name="classes">How many it must have, or null for any number.</param>
    public void Follow(WatchSettings settings, Watcher watcher, FrameClassifier first, int? classes)
    {
        (_watcher, _source) = (watcher, settings.Source);
        _trial?.Begin(first, hasBegun: true);
        _swap = new ModelSwap(settings.Source.FileNow, new ModelUse(settings.OpenModel, next => Objection(settings.Rules, next, classes)), this);
    }

    /// <summary>Why a model cannot take over under these rules; null where it can.</summary>
    internal static string? Objection(IReadOnlyList<Rule> rules, FrameClassifier next, int? classes)
    {
        if (classes is { } count && next.Classes != count)
        {
            return $"it has {next.Classes} classes, and {count} have a line";
        }

        string[] known = [ClassSet.Unknown, ClassSet.Any, .. Enumerable.Range(0, next.Classes).Select(next.Label)];
        return rules.SelectMany(rule => rule.When.Names.Select(name => (Rule: rule.Name, Class: name))).Where(need => !known.Contains(need.Class))
            .Select(need => $"it has no class \"{need.Class}\", which {need.Rule} waits for").FirstOrDefault();
    }

    /// <inheritdoc/>
    public void Taken(FrameClassifier next)
    {
        string name = next.Model.Name;
        _trial?.Begin(next, hasBegun: false);
        _watcher!.Replace(next);
        _page?.Record.Swapped();
        _log.Information($"model: {name} takes over, its selftest passed");
    }

    /// <inheritdoc/>
    public void Refused(string why)
    {
        _page?.Record.Refused(why);
        _log.Warning($"model: the new file is not taken, the old one goes on: {why}");
        _trial?.Refused(why);
    }

    /// <summary>The agent ends because it was told to, or because all frames are seen.</summary>
    public void EndWell()
    {
        // No model begins any more: its start would be counted behind this end.
        _swap?.Dispose();
        _swap = null;
        _trial?.EndWell();
    }

    /// <inheritdoc/>
    public void Gone() => _log.Warning($"model: {_source?.FileNow() ?? "its slot"} is gone; the one that was loaded goes on");

    /// <inheritdoc/>
    public void Dispose()
    {
        _swap?.Dispose();
        _trial?.Dispose();
        _heartbeat?.Dispose();
        _notifier?.Dispose();
    }
}
