using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using EdgeConv.Agent.Serving;
using EdgeConv.Agent.Telemetry;
using EdgeConv.Devices.Acting;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Updating;
using EdgeConv.Devices.Watching;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Tests.Acting;
using MQTTnet;

namespace EdgeConv.Tests.Agent;

/// <summary>What a board says about itself over MQTT.</summary>
public sealed class TelemetryTests
{
    private const string Topic = "hall/telemetry=";

    [Fact]
    public void Percentiles_are_at_most_a_ninth_above_the_truth()
    {
        Random random = new(4);
        double[] times = [.. Enumerable.Range(0, 5000).Select(_ => Math.Pow(10, 6 * random.NextDouble()))];
        Percentiles percentiles = new();
        Array.ForEach(times, percentiles.Add);
        Array.Sort(times);
        foreach (double part in (double[])[0, 0.01, 0.5, 0.9, 0.99, 0.999, 1])
        {
            double exact = times[Math.Max(1, (int)Math.Ceiling(part * times.Length)) - 1];
            Assert.InRange(percentiles.At(part), exact * 0.999999, exact * 1.0906);
        }

        Assert.Equal(times[^1], percentiles.Largest);
        percentiles.Clear();
        Assert.Equal((0, 0, 0), (percentiles.Count, percentiles.At(0.5), percentiles.Largest));
    }

    [Fact]
    public void A_report_counts_what_happened_since_the_one_before()
    {
        using FrameClassifier classifier = new(Model.Load(BrightestPixelModel.Write()), KernelPath.Default);
        WatchRecord record = new("stage");
        using TcpListener nobody = new(IPAddress.Loopback, 0);
        using MqttLink link = new(new MqttSettings("127.0.0.1", ((IPEndPoint)nobody.LocalEndpoint).Port), _ => { });
        using TelemetryReporter reporter = new(link, record, TimeSpan.FromHours(1), TimeSpan.Zero, () => new InstalledPackage("digits", 7, "ab12"));
        See(classifier, [record, reporter], decided: 0, frames: 3, microseconds: 100);
        See(classifier, [record, reporter], decided: 1, frames: 7, microseconds: 1000);
        JsonElement first = JsonDocument.Parse(reporter.Report()).RootElement;
        Assert.Equal((10, 10, "ok"), (first.GetProperty("frames").GetInt64(), first.GetProperty("frames_total").GetInt64(), first.GetProperty("health").GetString()));
        Assert.Equal("{\"left\":3,\"right\":7}", first.GetProperty("classes").GetRawText());
        Assert.Equal(("brightest", 7, "ab12"), (first.GetProperty("model").GetProperty("name").GetString(),
            first.GetProperty("model").GetProperty("version").GetInt32(), first.GetProperty("model").GetProperty("sha256").GetString()));
        Assert.InRange(first.GetProperty("latency_us").GetProperty("p50").GetDouble(), 1000, 1091);
        Assert.Equal(1000, first.GetProperty("latency_us").GetProperty("max").GetDouble());

        See(classifier, [record, reporter], decided: ClassDecider.Unknown, frames: 2, microseconds: 50);
        JsonElement second = JsonDocument.Parse(reporter.Report()).RootElement;
        Assert.Equal((2, 12), (second.GetProperty("frames").GetInt64(), second.GetProperty("frames_total").GetInt64()));
        Assert.Equal("{\"unknown\":2}", second.GetProperty("classes").GetRawText());
        Assert.InRange(second.GetProperty("latency_us").GetProperty("p99").GetDouble(), 50, 55);

        record.Blind(Stopwatch.GetTimestamp());
        JsonElement third = JsonDocument.Parse(reporter.Report()).RootElement;
        Assert.StartsWith("no frame for", third.GetProperty("health").GetString());
        Assert.Equal((0, 1), (third.GetProperty("frames").GetInt64(), third.GetProperty("blind").GetInt64()));
    }

    [Fact]
    public async Task An_agent_with_telemetry_reports_to_the_broker_and_the_broker_keeps_the_last_report()
    {
        using TestBroker broker = new();
        using TemporaryFolder folder = new();
        folder.Write("brightest.ecm", BrightestPixelModel.Write());
        folder.Write("frames/1.pgm", [.. "P5 2 2 255\n"u8, 255, 0, 0, 0]);
        File.WriteAllText(folder.Path("agent.toml"), $"""
            model = "brightest.ecm"
            camera = "folder:{folder.Path("frames")}?fps=50&loop=1"
            [mqtt]
            broker = "127.0.0.1:{broker.Port}"
            topic = "hall"
            telemetry = "1 s"
            """);
        using AgentProcess agent = new("run", "--config", folder.Path("agent.toml"));
        ConcurrentQueue<string> received = [];
        using IMqttClient listener = await broker.Listen(received);
        Assert.True(SpinWait.SpinUntil(() => Reports(received).Count() >= 2 && Reports(received).Any(IsWell), TimeSpan.FromSeconds(60)), string.Join('\n', received));
        ConcurrentQueue<string> later = [];
        using IMqttClient second = await broker.Listen(later);
        Assert.True(SpinWait.SpinUntil(() => Reports(later).Any(), TimeSpan.FromSeconds(60)));

        static IEnumerable<string> Reports(IEnumerable<string> messages) =>
            messages.Where(text => text.StartsWith(Topic, StringComparison.Ordinal)).Select(text => text[Topic.Length..]);

        // Not all of them: a busy machine may have no frame for a second.
        static bool IsWell(string report)
        {
            JsonElement json = JsonDocument.Parse(report).RootElement;
            return json.GetProperty("frames").GetInt64() > 0 && json.GetProperty("health").GetString() == "ok" && json.GetProperty("classes").TryGetProperty("left", out _);
        }
    }

    private static void See(FrameClassifier classifier, IWatchListener[] listeners, int decided, int frames, double microseconds)
    {
        byte[] pixels = [255, 0, 0, 0];
        for (int i = 0; i < frames; i++)
        {
            Observation observation = new()
            {
                Frame = new Frame(new Picture(pixels, 2, 2, PixelFormat.Gray8), "1") { Number = i },
                Classifier = classifier,
                Best = 0,
                Decided = decided,
                VotedConfidence = 1,
                IsChange = i == 0,
                Now = Stopwatch.GetTimestamp(),
                Busy = TimeSpan.FromMicroseconds(microseconds),
            };
            foreach (IWatchListener listener in listeners)
            {
                listener.Seen(observation);
            }
        }
    }
}
