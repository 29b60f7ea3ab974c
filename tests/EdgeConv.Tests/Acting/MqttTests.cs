using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgeConv.Devices.Acting;
using EdgeConv.Tests.Agent;
using MQTTnet;

namespace EdgeConv.Tests.Acting;

/// <summary>MQTT against Debian's mosquitto: it comes, it goes away, it comes back.</summary>
public sealed class MqttTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();
    private readonly ReservedPort _port = new();
    private readonly ConcurrentQueue<string> _said = [];

    public void Dispose()
    {
        _port.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Messages_arrive_before_the_broker_goes_and_after_it_is_back_with_the_newest_that_waited()
    {
        string program = TestBroker.Find();
        using MqttLink link = new(new MqttSettings("127.0.0.1", _port.Number) { Prefix = "test/", ClientId = "agent" }, Say);
        Assert.True(SpinWait.SpinUntil(() => Said("Connection refused"), _patience), string.Join('\n', _said));
        Process broker = Start(program);
        ConcurrentQueue<string> received = [];
        using IMqttClient first = await Listen(received);
        Assert.True(SpinWait.SpinUntil(() => received.Contains("test/status=online"), _patience));
        link.Publish("seen", "1"u8.ToArray(), 1, retain: false);
        Assert.True(SpinWait.SpinUntil(() => received.Contains("test/seen=1"), _patience));

        broker.Kill();
        await broker.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(SpinWait.SpinUntil(() => !link.IsConnected, _patience));
        for (int i = 0; i < 100; i++)
        {
            // Kept by the broker: the listener may come later than the link does.
            link.Publish($"away/{i}", "1"u8.ToArray(), 1, retain: true);
        }

        ConcurrentQueue<string> later = [];
        broker = Start(program);
        using IMqttClient second = await Listen(later);
        Assert.True(SpinWait.SpinUntil(() => later.Contains("test/away/99=1"), _patience), string.Join('\n', later));
        string[] waited = [.. later.Where(text => text.StartsWith("test/away/", StringComparison.Ordinal))];
        Assert.InRange(waited.Length, 1, 64);
        Assert.InRange(link.Dropped, 36, 37);
        Assert.True(Said("connected."));
        link.Dispose();
        Assert.True(SpinWait.SpinUntil(() => later.Contains("test/status=offline"), _patience));
        broker.Kill();
    }

    [Fact]
    public async Task The_broker_says_offline_for_an_agent_that_dies()
    {
        Process broker = Start(TestBroker.Find());
        ConcurrentQueue<string> received = [];
        using IMqttClient listener = await Listen(received);
        _folder.Write("brightest.ecm", BrightestPixelModel.Write());
        _folder.Write("frames/1.pgm", [.. "P5 2 2 255\n"u8, 255, 0, 0, 0]);
        File.WriteAllText(_folder.Path("agent.toml"), $"""
            model = "brightest.ecm"
            camera = "folder:{_folder.Path("frames")}?fps=50&loop=1"
            [mqtt]
            broker = "127.0.0.1:{_port.Number}"
            topic = "house/door"
            [[rule]]
            when = "any"
            publish = "saw/{"{class}"}"
            [[rule]]
            when = "left"
            publish = {"{"} topic = "kept", payload = "{"{class}"}!", qos = 2, retain = true {"}"}
            """);
        using AgentProcess agent = new("run", "--config", _folder.Path("agent.toml"));
        Assert.True(SpinWait.SpinUntil(() => received.Contains("house/door/kept=left!"), _patience), string.Join('\n', received));
        Assert.True(SpinWait.SpinUntil(() => received.Any(text => text.StartsWith("house/door/saw/left={\"rule\":\"rule 1\"", StringComparison.Ordinal)), _patience));
        Assert.DoesNotContain("house/door/status=offline", received);
        agent.Kill();
        Assert.True(SpinWait.SpinUntil(() => received.Contains("house/door/status=offline"), _patience), string.Join('\n', received));
        broker.Kill();
    }

    [Fact]
    public void Name_and_password_are_told_and_a_wrong_one_is_said()
    {
        string program = TestBroker.Find(), tool = Path.Combine(Path.GetDirectoryName(program)!.Replace("sbin", "bin", StringComparison.Ordinal), "mosquitto_passwd");
        string users = _folder.Path("users");
        using (Process passwords = Process.Start(tool, ["-b", "-c", users, "agent", "se:cret"]))
        {
            passwords.WaitForExit();
        }

        LetOthersRead(_folder.Root, users);
        Process broker = Start(program, $"listener {_port.Number} 127.0.0.1\nallow_anonymous false\npassword_file {users}\n");
        MqttSettings settings = new("127.0.0.1", _port.Number) { User = "agent", Password = "se:cret" };
        using (MqttLink link = new(settings, Say))
        {
            Assert.True(SpinWait.SpinUntil(() => link.IsConnected, _patience), string.Join('\n', _said));
        }

        using (MqttLink link = new(settings with { Password = "wrong" }, Say))
        {
            Assert.True(SpinWait.SpinUntil(() => Said("the broker refuses: NotAuthorized."), _patience), string.Join('\n', _said));
        }

        broker.Kill();
    }

    [Fact]
    public void A_broker_with_a_certificate_that_nobody_trusts_is_not_spoken_to()
    {
        string program = TestBroker.Find();
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(_folder.Path("certificate.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(_folder.Path("key.pem"), key.ExportPkcs8PrivateKeyPem());
        LetOthersRead(_folder.Root, _folder.Path("key.pem"));
        Process broker = Start(program, $"listener {_port.Number} 127.0.0.1\nallow_anonymous true\ncertfile {_folder.Path("certificate.pem")}\nkeyfile {_folder.Path("key.pem")}\n");
        using MqttLink link = new(new MqttSettings("localhost", _port.Number) { Tls = true }, Say);
        Assert.True(SpinWait.SpinUntil(() => Said("certificate"), _patience), string.Join('\n', _said));
        Assert.False(link.IsConnected);
        broker.Kill();
    }

    [Fact]
    public void A_broker_that_never_answers_holds_nothing_up()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        long start = Stopwatch.GetTimestamp();
        using (MqttLink link = new(new MqttSettings("127.0.0.1", ((IPEndPoint)silent.LocalEndpoint).Port), Say))
        {
            for (int i = 0; i < 1000; i++)
            {
                link.Publish("seen", [1], 0, retain: false);
            }

            Assert.Equal(1000 - 64, link.Dropped);
        }

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 20);
    }

    private Process Start(string program) => Start(program, $"listener {_port.Number} 127.0.0.1\nallow_anonymous true\n");

    private Process Start(string program, string settings) => TestBroker.Start(program, _folder, settings);

    private Task<IMqttClient> Listen(ConcurrentQueue<string> received) => TestBroker.Listen(_port.Number, received);

    /// <summary>Where it is started by root, the broker becomes another user.</summary>
    private static void LetOthersRead(params string[] paths)
    {
        using Process change = Process.Start("chmod", ["a+rX", .. paths]);
        change.WaitForExit();
        Assert.Equal(0, change.ExitCode);
    }

    private void Say(string text) => _said.Enqueue(text);

    private bool Said(string text) => _said.Any(said => said.Contains(text, StringComparison.Ordinal));
}
