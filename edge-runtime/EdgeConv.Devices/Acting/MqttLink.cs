using System.Text;
using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Protocol;

namespace EdgeConv.Devices.Acting;

/// <summary>
/// A connection to a broker that comes back by itself. PREFIX/status says "online" while it is there; the broker says "offline" when it is not, also
/// when this program dies. The newest messages wait while the broker is away.
/// </summary>
public sealed class MqttLink : IDisposable
{
    private const int Room = 64;
    private static readonly TimeSpan _firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _graceAtEnd = TimeSpan.FromSeconds(2);

    private readonly MqttSettings _settings;
    private readonly Action<string> _say;
    private readonly Complaints _drops;
    private readonly Channel<MqttApplicationMessage> _queue;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _worker;
    private MqttApplicationMessage? _unsent;

    /// <summary>Begins to connect.</summary>
    /// <param name="settings">To whom.</param>
    /// <param name="say">Told when the broker comes and goes, from another thread.</param>
    public MqttLink(MqttSettings settings, Action<string> say)
    {
        (_settings, _say) = (settings, say);
        _drops = new Complaints(Name, say);
        _queue = Channel.CreateBounded<MqttApplicationMessage>(
            new BoundedChannelOptions(Room) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ => _drops.Add("a message that waited too long was dropped."));
        _worker = Task.Run(Stay);
    }

    /// <summary>How many messages were dropped.</summary>
    public long Dropped => _drops.Count;

    /// <summary>Whether the broker is there.</summary>
    public bool IsConnected { get; private set; }

    private string Name => $"mqtt {_settings.Host}:{_settings.Port}";

    /// <summary>Sends a message, now or when the broker is back. From any thread; does not wait.</summary>
    /// <param name="topic">Behind the prefix.</param>
    /// <param name="payload">Its bytes.</param>
    /// <param name="qualityOfService">0 to 2.</param>
    /// <param name="retain">Whether the broker keeps it for those who come later.</param>
    public void Publish(string topic, byte[] payload, int qualityOfService, bool retain) =>
        _queue.Writer.TryWrite(Message(topic, payload, (MqttQualityOfServiceLevel)qualityOfService, retain));

    /// <summary>Sends what waits, if that is quick, says "offline", and disconnects.</summary>
    public void Dispose()
    {
        _queue.Writer.TryComplete();
        if (!IsConnected || !_worker.Wait(_graceAtEnd))
        {
            _stop.Cancel();
            _worker.Wait(_graceAtEnd);
        }
    }

    private async Task Stay()
    {
        TimeSpan pause = _firstPause;
        while (!_stop.IsCancellationRequested && !_queue.Reader.Completion.IsCompleted)
        {
            try
            {
                using IMqttClient client = new MqttClientFactory().CreateMqttClient();
                using CancellationTokenSource lost = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                client.DisconnectedAsync += _ => lost.CancelAsync();
                await Connect(client).ConfigureAwait(false);
                IsConnected = true;
                pause = _firstPause;
                _say($"{Name}: connected.");
                await Deliver(client, lost.Token).ConfigureAwait(false);
                await Leave(client).ConfigureAwait(false);
                return;
            }
            catch (Exception error)
            {
                IsConnected = false;
                if (_stop.IsCancellationRequested)
                {
                    return;
                }

                string why = error is OperationCanceledException ? "the connection was lost." : error.GetBaseException().Message;
                _say($"{Name}: {why} Trying again in {pause.TotalSeconds:0.##} s.");
            }

            await Task.Delay(pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < _longestPause ? pause * 2 : _longestPause;
        }
    }

    private async Task Connect(IMqttClient client)
    {
        MqttClientOptionsBuilder options = new MqttClientOptionsBuilder()
            .WithTcpServer(_settings.Host, _settings.Port)
            .WithClientId(_settings.ClientId)
            .WithTimeout(_limit)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(15))
            .WithWillTopic(_settings.Prefix + "status")
            .WithWillPayload("offline")
            .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .WithWillRetain();
        if (_settings.User is { } user)
        {
            options = options.WithCredentials(user, _settings.Password ?? "");
        }

        if (_settings.Tls)
        {
            options = options.WithTlsOptions(tls => tls.UseTls());
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(_limit);
        try
        {
            MqttClientConnectResult answer = await client.ConnectAsync(options.Build(), limit.Token).ConfigureAwait(false);
            if (answer.ResultCode != MqttClientConnectResultCode.Success)
            {
                throw new InvalidOperationException($"the broker refuses: {answer.ResultCode}.");
            }
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            throw new TimeoutException($"the broker did not answer in {_limit.TotalSeconds} s.");
        }

        await Status(client, "online", limit.Token).ConfigureAwait(false);
    }

    /// <summary>Until there will be no more messages.</summary>
    private async Task Deliver(IMqttClient client, CancellationToken lost)
    {
        while (true)
        {
            // What was under way when the connection broke goes first.
            if (_unsent is null && !_queue.Reader.TryRead(out _unsent))
            {
                if (!await _queue.Reader.WaitToReadAsync(lost).ConfigureAwait(false))
                {
                    return;
                }

                continue;
            }

            await client.PublishAsync(_unsent, lost).ConfigureAwait(false);
            _unsent = null;
        }
    }

    /// <summary>A broker publishes the will of those only who did not say goodbye.</summary>
    private async Task Leave(IMqttClient client)
    {
        using CancellationTokenSource limit = new(_graceAtEnd);
        await Status(client, "offline", limit.Token).ConfigureAwait(false);
        await client.DisconnectAsync(cancellationToken: limit.Token).ConfigureAwait(false);
        IsConnected = false;
    }

    private Task Status(IMqttClient client, string status, CancellationToken limit) =>
        client.PublishAsync(Message("status", Encoding.UTF8.GetBytes(status), MqttQualityOfServiceLevel.AtLeastOnce, retain: true), limit);

    private MqttApplicationMessage Message(string topic, byte[] payload, MqttQualityOfServiceLevel quality, bool retain) =>
        new MqttApplicationMessageBuilder().WithTopic(_settings.Prefix + topic).WithPayload(payload).WithQualityOfServiceLevel(quality).WithRetainFlag(retain).Build();
}
