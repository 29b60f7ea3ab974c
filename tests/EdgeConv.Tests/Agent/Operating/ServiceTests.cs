using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using EdgeConv.Agent.Operating;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Watching;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Tests.Agent.Serving;

namespace EdgeConv.Tests.Agent.Operating;

/// <summary>What the agent tells systemd, on a real datagram socket, and when it keeps silent.</summary>
public sealed class ServiceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Socket _systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly Dictionary<string, string> _environment;

    public ServiceTests()
    {
        string path = _folder.Path("notify");
        _systemd.Bind(new UnixDomainSocketEndPoint(path));
        _environment = new() { ["NOTIFY_SOCKET"] = path, ["WATCHDOG_USEC"] = "600000" };
    }

    public void Dispose()
    {
        _systemd.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Ready_alive_and_stopping_are_said()
    {
        using ServiceNotifier notifier = Open()!;
        Assert.Equal(TimeSpan.FromMilliseconds(600), notifier.Watchdog);
        using (Session session = new(notifier))
        {
            Assert.Equal("READY=1\nSTATUS=Waiting for the first frame", Receive());
            Assert.Equal("WATCHDOG=1", ReceiveSign());
            Assert.Equal("WATCHDOG=1", ReceiveSign());
        }

        Assert.Equal("STOPPING=1", Drain()[^1]);
    }

    [Fact]
    public void A_classifier_that_hangs_is_not_said_to_live()
    {
        using ServiceNotifier notifier = Open()!;
        using Session session = new(notifier);
        Receive();
        Assert.Equal("WATCHDOG=1", ReceiveSign());
        session.Hang.Reset();
        Thread.Sleep(1300);
        Drain();
        Thread.Sleep(800);
        Assert.DoesNotContain("WATCHDOG=1", Drain());
        session.Hang.Set();
        Assert.Equal("WATCHDOG=1", ReceiveSign());
    }

    [Fact]
    public void A_camera_that_is_away_is_no_hang_as_long_as_it_is_tried_again()
    {
        // Two seconds pass from one sign of the watcher to the next when no frames come.
        _environment["WATCHDOG_USEC"] = "3000000";
        using ServiceNotifier notifier = Open()!;
        using Session session = new(notifier);
        session.Camera.IsAway = true;
        Thread.Sleep(4500);
        Drain();
        Assert.Equal("WATCHDOG=1", ReceiveSign());
        session.CameraIdle = TimeSpan.FromSeconds(61);
        Thread.Sleep(200);
        Drain();
        Thread.Sleep(2500);
        Assert.DoesNotContain("WATCHDOG=1", Drain());
    }

    [Fact]
    public void The_status_says_what_is_seen()
    {
        using ServiceNotifier notifier = Open()!;
        using Session session = new(notifier);
        List<string> said = [];
        WatchedPage.Until(() => { said.AddRange(Drain()); return said.Exists(line => line.StartsWith("STATUS=Sees left, ", StringComparison.Ordinal)); }, "a status");
    }

    [Fact]
    public void Without_a_systemd_nothing_is_said()
    {
        Assert.Null(ServiceNotifier.Open(_ => null));
        Assert.Null(ServiceNotifier.Open(name => name == "NOTIFY_SOCKET" ? _folder.Path("nobody") : null));
        Assert.Null(ServiceNotifier.Open(name => name == "NOTIFY_SOCKET" ? "relative" : null));
        _environment["WATCHDOG_PID"] = "1";
        using ServiceNotifier notifier = Open()!;
        Assert.Null(notifier.Watchdog);
    }

    [Fact]
    public void An_abstract_socket_is_reached()
    {
        string name = $"edgeconv-test-{Guid.NewGuid():N}";
        using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint('\0' + name));
        _environment["NOTIFY_SOCKET"] = "@" + name;
        using ServiceNotifier notifier = Open()!;
        notifier.Send("READY=1");
        byte[] bytes = new byte[100];
        Assert.Equal("READY=1", Encoding.UTF8.GetString(bytes, 0, socket.Receive(bytes)));
    }

    [Fact]
    public void Lines_for_the_journal_begin_with_their_priority()
    {
        StringWriter output = new() { NewLine = "\n" };
        Journal journal = new(output, isJournal: true);
        journal.Information("camera: 640x480\nYUYV");
        journal.Warning("no frames");
        Assert.Equal("<6>camera: 640x480 YUYV\n<4>no frames\n", output.ToString());
        Assert.True(Journal.LeadsToJournal("8:1234", "socket:[1234]"));
        Assert.False(Journal.LeadsToJournal("8:1234", "/dev/pts/0"));
        Assert.False(Journal.LeadsToJournal(null, "socket:[1234]"));
    }

    private ServiceNotifier? Open() => ServiceNotifier.Open(_environment.GetValueOrDefault);

    private string Receive()
    {
        _systemd.ReceiveTimeout = 10_000;
        byte[] bytes = new byte[1000];
        return Encoding.UTF8.GetString(bytes, 0, _systemd.Receive(bytes));
    }

    /// <summary>The next message that is no status, which comes every five seconds.</summary>
    private string ReceiveSign()
    {
        string said;
        do
        {
            said = Receive();
        }
        while (said.StartsWith("STATUS=", StringComparison.Ordinal));

        return said;
    }

    private List<string> Drain()
    {
        List<string> said = [];
        while (_systemd.Available > 0)
        {
            said.Add(Receive());
        }

        return said;
    }

    /// <summary>A watcher with a heartbeat, and a listener that can hang as a classifier would.</summary>
    private sealed class Session : IWatchListener, IDisposable
    {
        private readonly Watcher _watcher;
        private readonly Heartbeat _heartbeat;
        private readonly Thread _thread;

        public Session(ServiceNotifier notifier)
        {
            _heartbeat = new Heartbeat(notifier, TimeSpan.Zero, () => CameraIdle);
            _watcher = new Watcher(Camera, new FrameClassifier(Model.Load(BrightestPixelModel.Write()), KernelPath.Default), new DecisionRules(Votes: 1), [this, _heartbeat]);
            _thread = new Thread(() => _watcher.Run());
            _thread.Start();
        }

        public StagedCamera Camera { get; } = new();

        public ManualResetEventSlim Hang { get; } = new(initialState: true);

        public TimeSpan CameraIdle { get; set; }

        public void Seen(in Observation observation) => Hang.Wait();

        public void Blind(long now) => Hang.Wait();

        public void Dispose()
        {
            Hang.Set();
            Camera.HasEnded = true;
            _thread.Join();
            _heartbeat.Dispose();
            _watcher.Dispose();
            Hang.Dispose();
        }
    }
}
