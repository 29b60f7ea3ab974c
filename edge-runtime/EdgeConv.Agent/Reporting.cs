using EdgeConv.Agent.Configuring;
using EdgeConv.Agent.Fleet;
using EdgeConv.Agent.Operating;
using EdgeConv.Agent.Serving;
using EdgeConv.Agent.Telemetry;
using EdgeConv.Devices.Acting;
using EdgeConv.Devices.Updating;
using EdgeConv.Devices.Watching;

namespace EdgeConv.Agent;

/// <summary>What a watching agent has to do with the boards beside it: telemetry for a broker, updates from a fleet's server. Neither holds up the camera.</summary>
internal sealed class Reporting : IDisposable
{
    private TelemetryReporter? _telemetry;
    private FleetAgent? _fleet;

    private Reporting()
    {
    }

    /// <summary>Begins with what the configuration asks for.</summary>
    /// <param name="settings">The configuration.</param>
    /// <param name="broker">[mqtt], or null.</param>
    /// <param name="record">What the page shows; null without a page.</param>
    /// <param name="listeners">Gets what counts frames.</param>
    /// <param name="log">For people.</param>
    /// <param name="gate">Takes packages; null without slots for them.</param>
    /// <exception cref="FailureException">A fleet's packages would have no place.</exception>
    public static Reporting Begin(
        WatchSettings settings, MqttLink? broker, WatchRecord? record, List<IWatchListener> listeners, Journal log, IUpdateGate? gate = null)
    {
        Reporting reporting = new();
        if (broker is not null && settings.Mqtt?.Telemetry is { } every)
        {
            WatchRecord counts = record ?? new WatchRecord(settings.Camera.ToString());
            reporting._telemetry = new TelemetryReporter(broker, counts, every, settings.Period, () => gate?.Status().Current);
            listeners.AddRange(record is null ? [counts, reporting._telemetry] : [reporting._telemetry]);
        }

        if (settings.Fleet is { } fleet)
        {
            IUpdateGate slots = gate ?? throw new FailureException("[fleet] needs [update], which says where its packages go.");
            reporting._fleet = new FleetAgent(fleet, slots, () => BoardAttributes.Read(slots, settings.Path, fleet.Attributes), log);
            reporting._fleet.Start();
        }

        return reporting;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _telemetry?.Dispose();
        _fleet?.Dispose();
    }
}
