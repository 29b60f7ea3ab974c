using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using EdgeConv.Devices.Updating;
using EdgeConv.Tests.Devices.Updating;

namespace EdgeConv.Tests.Agent.Fleet;

/// <summary>The whole of it: the agent as a process with [fleet], a server, signed packages, the real gate, frames.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FleetRunTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);
    private readonly SigningBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_running_agent_takes_a_signed_model_from_its_server_and_refuses_an_unsigned_one()
    {
        await using DdiStandIn server = await DdiStandIn.Start();
        DdiTarget target = server.Target("door-3");
        for (int i = 0; i < 4; i++)
        {
            _bench.File($"frames/{i}.pgm", [.. "P5 2 2 255\n"u8, 255, 0, 0, 0]);
        }

        File.WriteAllText(_bench.File("token", []), DdiStandIn.Token);
        File.SetUnixFileMode(_bench.Path("token"), UnixFileMode.UserRead);
        Assert.Equal(UpdateOutcome.Accepted, _bench.Bring(_bench.Package(1)).Outcome);
        string config = _bench.File("agent.toml", Encoding.UTF8.GetBytes($"""
            camera = "folder:{_bench.Path("frames")}?fps=50&loop=1"
            [update]
            slots = "slots"
            key = "k.pub.pem"
            trial = "300 ms"
            [fleet]
            server = "{server.Address}"
            controller-id = "door-3"
            target-token-file = "token"
            poll = "5 s"
            folder = "fleet"
            attributes = {"{"} room = "hall" {"}"}
            """));
        target.Assign(new StandInAction("31", new StandInArtifact("digits.ecpkg", _bench.Package(2))));
        using AgentProcess agent = new("run", "--config", config);
        await Until(() => target.Installed == "31" && agent.Said.ToString().Contains("model: model2 takes over", StringComparison.Ordinal), agent, server);
        Assert.Equal("model2", _bench.Slots.Status().Current!.Name);
        Assert.Equal(("hall", "model1", "1"), (target.Attributes!["room"], target.Attributes["model"], target.Attributes["model-version"]));

        target.Assign(new StandInAction("32", new StandInArtifact("digits.ecpkg", _bench.Package(3, unsigned: true))));
        await Until(() => target.Feedback.Any(word => word is { Action: "32", Execution: "closed" }), agent, server);
        StandInFeedback end = target.Feedback.Last(word => word.Action == "32");
        Assert.Equal("failure", end.Finished);
        Assert.StartsWith("Refused by the gate (Unsigned): nobody signed it", end.Details, StringComparison.Ordinal);
        Assert.Equal("model2", _bench.Slots.Status().Current!.Name);
        Assert.Empty(server.Complaints);
    }

    private static async Task Until(Func<bool> isSo, AgentProcess agent, DdiStandIn server)
    {
        long start = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < _patience, $"{agent.Said}{agent.Errors}\n{string.Join('\n', server.Target("door-3").Feedback)}\n{string.Join('\n', server.Complaints)}");
            await Task.Delay(50);
        }
    }
}
