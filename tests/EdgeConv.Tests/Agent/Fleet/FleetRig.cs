using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeConv.Agent.Configuring;
using EdgeConv.Agent.Fleet;
using EdgeConv.Agent.Operating;

namespace EdgeConv.Tests.Agent.Fleet;

/// <summary>One board, its server and its gate, all in a hurry.</summary>
internal sealed class FleetRig : IAsyncDisposable
{
    // Of ten milliseconds: twenty seconds, and longer in step with a machine, or a thread pool, that has no time for this process.
    private const int MostTurns = 2000;

    private readonly SharedLog _log = new();
    private FleetAgent? _agent;

    private FleetRig(DdiStandIn server)
    {
        Server = server;
        Settings = new FleetSettings(server.Address, "DEFAULT", "door", Folder.Path("state"))
        {
            Authorization = new AuthenticationHeaderValue("TargetToken", DdiStandIn.Token),
            ShortestPoll = TimeSpan.FromMilliseconds(20),
            BusyPause = TimeSpan.FromMilliseconds(20),
            FirstPause = TimeSpan.FromMilliseconds(20),
            LongestPoll = TimeSpan.FromMilliseconds(200),
            Limit = TimeSpan.FromSeconds(5),
            MostBytes = 1_000_000,
        };
    }

    public TemporaryFolder Folder { get; } = new();

    public DdiStandIn Server { get; }

    public FakeGate Gate { get; } = new();

    public FleetSettings Settings { get; set; }

    public DdiTarget Target => Server.Target(Settings.Device);

    public string Log => _log.ToString();

    public string[] Incoming => Directory.Exists(Path.Combine(Settings.Folder, "incoming")) ? Directory.GetFiles(Path.Combine(Settings.Folder, "incoming")) : [];

    public static async Task<FleetRig> Start(X509Certificate2? certificate = null) => new(await DdiStandIn.Start(certificate));

    /// <summary>Bytes that are nobody else's.</summary>
    public static StandInArtifact Package(int bytes = 50_000) => new("digits.ecpkg", RandomNumberGenerator.GetBytes(bytes));

    /// <summary>The agent begins, with what it remembers.</summary>
    public FleetRig Run()
    {
        _agent = new FleetAgent(Settings, Gate, () => new Dictionary<string, string> { ["board"] = "none" }, new Journal(_log, isJournal: false));
        _agent.Start();
        return this;
    }

    public void StopAgent()
    {
        _agent?.Dispose();
        _agent = null;
    }

    public async Task Until(Func<bool> isSo)
    {
        for (int turn = 0; !isSo(); turn++)
        {
            if (turn == MostTurns)
            {
                Assert.Fail($"It did not come to that.\n{Log}\nThe server was told: {string.Join('\n', Target.Feedback)}\nIt complained: {string.Join('\n', Server.Complaints)}");
            }

            await Task.Delay(10);
        }
    }

    /// <summary>The words that the server was told about the action, in their order.</summary>
    public string[] Words => [.. Target.Feedback.Select(said => said.Execution == "closed" ? said.Finished : said.Execution)];

    public async ValueTask DisposeAsync()
    {
        StopAgent();
        await Server.DisposeAsync();
        Folder.Dispose();
    }
}
