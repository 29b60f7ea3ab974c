using System.Collections.Concurrent;
using System.Diagnostics;
using MQTTnet;

namespace EdgeConv.Tests.Acting;

/// <summary>Debian's mosquitto on a port of its own, for as long as a test needs it.</summary>
internal sealed class TestBroker : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly ReservedPort _port = new();
    private readonly Process _process;

    public TestBroker() => _process = Start(Find(), _folder, $"listener {Port} 127.0.0.1\nallow_anonymous true\n");

    public int Port => _port.Number;

    public Task<IMqttClient> Listen(ConcurrentQueue<string> received) => Listen(Port, received);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _port.Dispose();
        _folder.Dispose();
    }

    public static string Find()
    {
        string? program = new[] { "/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto" }.FirstOrDefault(File.Exists);
        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.True(program is not null, "no mosquitto here; tests/broker/install.sh installs it");
        }

        Assert.SkipWhen(program is null, "no mosquitto here; as root, tests/broker/install.sh installs it");
        return program!;
    }

    public static Process Start(string program, TemporaryFolder folder, string settings)
    {
        string configuration = folder.Path("mosquitto.conf");
        File.WriteAllText(configuration, settings + "persistence false\n");
        Process broker = Process.Start(new ProcessStartInfo(program, ["-c", configuration]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            if (!broker.HasExited)
            {
                broker.Kill();
            }
        };
        return broker;
    }

    public static async Task<IMqttClient> Listen(int port, ConcurrentQueue<string> received)
    {
        IMqttClient client = new MqttClientFactory().CreateMqttClient();
        client.ApplicationMessageReceivedAsync += message =>
        {
            received.Enqueue($"{message.ApplicationMessage.Topic}={message.ApplicationMessage.ConvertPayloadToString()}");
            return Task.CompletedTask;
        };
        MqttClientOptions options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithClientId($"listener-{Guid.NewGuid()}").Build();
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await client.ConnectAsync(options, TestContext.Current.CancellationToken);
                break;
            }
            catch (Exception) when (Stopwatch.GetElapsedTime(start) < _patience)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }

        await client.SubscribeAsync("#", cancellationToken: TestContext.Current.CancellationToken);
        return client;
    }
}
