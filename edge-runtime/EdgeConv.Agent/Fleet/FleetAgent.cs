using EdgeConv.Agent.Configuring;
using EdgeConv.Agent.Operating;
using EdgeConv.Devices.Updating;

namespace EdgeConv.Agent.Fleet;

/// <summary>
/// One board of a fleet: asks its server from time to time, fetches what it is to run, hands it to the gate and tells what became of it. The camera
/// goes on beside it, whatever happens here.
/// </summary>
internal sealed class FleetAgent : IDisposable
{
    private static readonly TimeSpan _graceAtEnd = TimeSpan.FromSeconds(2);

    private readonly FleetSettings _settings;
    private readonly DdiClient _client;
    private readonly FleetUpdate _update;
    private readonly Func<IReadOnlyDictionary<string, string>> _attributes;
    private readonly Journal _log;
    private readonly Backoff _backoff;
    private readonly CancellationTokenSource _stop = new();
    private Task _worker = Task.CompletedTask;
    private string _said = "";
    private bool _isKnown;

    /// <summary>Does nothing yet.</summary>
    /// <param name="settings">[fleet].</param>
    /// <param name="gate">Takes packages.</param>
    /// <param name="attributes">What the server may know about the board.</param>
    /// <param name="log">For people.</param>
    public FleetAgent(FleetSettings settings, IUpdateGate gate, Func<IReadOnlyDictionary<string, string>> attributes, Journal log)
    {
        (_settings, _attributes, _log) = (settings, attributes, log);
        _client = new DdiClient(settings);
        _update = new FleetUpdate(settings, _client, gate, log);
        _backoff = new Backoff(settings.FirstPause, settings.LongestPause, Random.Shared);
    }

    /// <summary>Works until <see cref="Dispose"/>.</summary>
    public void Start() => _worker = Task.Run(() => Run(_stop.Token));

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        try
        {
            _worker.Wait(_graceAtEnd);
        }
        catch (AggregateException)
        {
            // It ended as it was asked to.
        }

        _client.Dispose();
        _stop.Dispose();
    }

    private async Task Run(CancellationToken stop)
    {
        // Boards that were switched on together do not ask together.
        int failures = 0;
        TimeSpan pause = _backoff.After(1, null);
        while (true)
        {
            await Task.Delay(pause, stop).ConfigureAwait(false);
            try
            {
                pause = _backoff.Around(await Round(stop).ConfigureAwait(false));
                failures = 0;
                SayOnce("");
            }
            catch (Exception error) when (!stop.IsCancellationRequested)
            {
                pause = _backoff.After(++failures, (error as FleetException)?.RetryAfter);
                SayOnce($"fleet: {error.Message} Trying again.");
            }
        }
    }

    /// <summary>Asks once, and does what there is to do.</summary>
    /// <returns>When to ask again.</returns>
    private async Task<TimeSpan> Round(CancellationToken stop)
    {
        await _update.TellPending(stop).ConfigureAwait(false);
        DdiPoll poll = await _client.Poll(stop).ConfigureAwait(false);
        if (!_isKnown)
        {
            _isKnown = true;
            _log.Information($"fleet: {_settings.Server.Authority} knows {_settings.Device}");
        }

        if (poll.Links?.ConfigData is { } link)
        {
            await _client.Describe(link, _attributes(), stop).ConfigureAwait(false);
        }

        bool isBusy = false;
        if (poll.Links?.CancelAction is { } cancel)
        {
            isBusy = await _update.Cancel(cancel, stop).ConfigureAwait(false);
        }
        else if (poll.Links?.DeploymentBase is { } deployment)
        {
            isBusy = await _update.Deploy(deployment, stop).ConfigureAwait(false);
        }

        // There may be more where that came from; and how a trial goes the server wants to know sooner than it wants to be asked.
        TimeSpan sleep = Sleep(poll);
        return isBusy && sleep > _settings.BusyPause ? _settings.BusyPause : sleep;
    }

    private TimeSpan Sleep(DdiPoll poll)
    {
        TimeSpan sleep = PollingTime.Parse(poll.Config?.Polling?.Sleep) ?? _settings.Poll;
        return sleep < _settings.ShortestPoll ? _settings.ShortestPoll : sleep > _settings.LongestPoll ? _settings.LongestPoll : sleep;
    }

    /// <summary>A server that is away for a night says the same every hour.</summary>
    private void SayOnce(string text)
    {
        if (text != _said && text.Length > 0)
        {
            _log.Warning(text);
        }

        _said = text;
    }
}
