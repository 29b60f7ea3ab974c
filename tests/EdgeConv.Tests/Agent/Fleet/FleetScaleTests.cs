using System.Collections.Concurrent;
using System.Diagnostics;
using EdgeConv.Agent.Configuring;
using EdgeConv.Agent.Fleet;
using EdgeConv.Agent.Operating;

namespace EdgeConv.Tests.Agent.Fleet;

/// <summary>A thousand boards on one server, some of whose answers get lost.</summary>
public sealed class FleetScaleTests
{
    private const int Boards = 1000;

    [Fact]
    public async Task A_thousand_boards_are_updated_once_each_by_a_server_that_fails_in_every_tenth_request()
    {
        await using FleetRig rig = await FleetRig.Start();
        StandInArtifact package = FleetRig.Package(20_000);
        long requests = 0;
        rig.Server.Fault = async context =>
        {
            switch (Interlocked.Increment(ref requests) % 30)
            {
                case 3:
                    context.Response.StatusCode = 500;
                    return true;
                case 13:
                    context.Response.StatusCode = 429;
                    return true;
                case 23 when context.Request.Path.Value!.Contains("artifacts"):
                    context.Response.ContentLength = package.Bytes.Length;
                    await context.Response.Body.WriteAsync(package.Bytes.AsMemory(0, 9000));
                    await context.Response.Body.FlushAsync();
                    context.Abort();
                    return true;
                case 23:
                    context.Abort();
                    return true;
                default:
                    return false;
            }
        };
        long start = Stopwatch.GetTimestamp();
        SharedLog log = new();
        Journal journal = new(log, isJournal: false);
        ConcurrentBag<FakeGate> gates = [];
        List<FleetAgent> agents = [];
        for (int i = 0; i < Boards; i++)
        {
            FakeGate gate = new();
            gates.Add(gate);
            string device = $"board-{i}";
            rig.Server.Target(device).Assign(new StandInAction($"{i}", package));
            FleetSettings settings = rig.Settings with
            {
                Device = device,
                Folder = rig.Folder.Path(device),
                FirstPause = TimeSpan.FromSeconds(2),
                LongestPause = TimeSpan.FromSeconds(3),
                BusyPause = TimeSpan.FromSeconds(1),
                LongestPoll = TimeSpan.FromSeconds(2),
                Limit = TimeSpan.FromSeconds(20),
            };
            agents.Add(new FleetAgent(settings, gate, () => new Dictionary<string, string>(), journal));
        }

        try
        {
            agents.ForEach(agent => agent.Start());
            await UntilAllAreDone(rig.Server);
        }
        finally
        {
            // Before their folders go, whatever happened.
            Parallel.ForEach(agents, agent => agent.Dispose());
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        TestContext.Current.TestOutputHelper?.WriteLine($"{Boards} boards, {requests} requests, {seconds:F1} s");
        Assert.Empty(rig.Server.Complaints);
        Assert.All(gates, gate => Assert.Equal([package.Sha256], gate.Given));
        Assert.All(rig.Server.Targets.Values, target => Assert.InRange(target.Feedback.Count, 3, 12));
    }

    /// <summary>However slow the machine is: as long as one more board is done now and then.</summary>
    private static async Task UntilAllAreDone(DdiStandIn server)
    {
        (int most, long last) = (0, Stopwatch.GetTimestamp());
        while (most < Boards)
        {
            await Task.Delay(100);
            int done = server.Targets.Values.Count(target => target.Installed is not null);
            (most, last) = done > most ? (done, Stopwatch.GetTimestamp()) : (most, last);
            Assert.True(Stopwatch.GetElapsedTime(last) < TimeSpan.FromSeconds(60), $"{most} of {Boards} are done, and for a minute none was");
        }
    }
}
