using EdgeConv.Agent.Serving;
using EdgeConv.Devices.Acting;
using EdgeConv.Devices.Updating;
using EdgeConv.Devices.Watching;

namespace EdgeConv.Agent.Telemetry;

/// <summary>
/// Tells the broker from time to time how the board does: counts, latency, model, classes and health since the last message. Whoever has many boards
/// sees from it which one looks into the dark, or sees other classes than all others.
/// </summary>
internal sealed class TelemetryReporter : IWatchListener, IDisposable
{
    /// <summary>Behind the prefix of [mqtt].</summary>
    public const string Topic = "telemetry";

    private readonly Lock _lock = new();
    private readonly Percentiles _latency = new();
    private readonly WatchRecord _record;
    private readonly TimeSpan _period;
    private readonly Func<InstalledPackage?> _package;
    private readonly HostState _host = new();
    private readonly Timer _timer;
    private WatchState _last;

    /// <summary>Begins to report.</summary>
    /// <param name="link">To whom.</param>
    /// <param name="record">What the watcher saw.</param>
    /// <param name="every">Between two messages.</param>
    /// <param name="period">The least time between frames that are looked at.</param>
    /// <param name="package">The package that runs, or null.</param>
    public TelemetryReporter(MqttLink link, WatchRecord record, TimeSpan every, TimeSpan period, Func<InstalledPackage?> package)
    {
        (_record, _period, _package) = (record, period, package);
        _last = record.Read();
        // Kept by the broker, so that whoever comes later need not wait for the next.
        _timer = new Timer(_ => link.Publish(Topic, Report(), qualityOfService: 0, retain: true), null, every, every);
    }

    /// <inheritdoc/>
    public void Seen(in Observation observation)
    {
        lock (_lock)
        {
            _latency.Add(observation.Busy.TotalMicroseconds);
        }
    }

    /// <inheritdoc/>
    public void Blind(long now)
    {
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>What there is to tell since the last report.</summary>
    internal byte[] Report()
    {
        InstalledPackage? package = Package();
        lock (_lock)
        {
            WatchState now = _record.Read();
            byte[] json = TelemetryJson.Write(new TelemetryInterval(_last, now, _latency, now.Illness(_period), package), _host);
            _last = now;
            _latency.Clear();
            return json;
        }
    }

    private InstalledPackage? Package()
    {
        try
        {
            return _package();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Slots that cannot be read are the gate's to complain about.
            return null;
        }
    }
}
