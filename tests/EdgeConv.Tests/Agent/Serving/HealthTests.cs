using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using EdgeConv.Agent.Serving;

namespace EdgeConv.Tests.Agent.Serving;

/// <summary>What machines ask the page for: health, metrics, motion JPEG.</summary>
public sealed class HealthTests
{
    [Fact]
    public void Health_is_bad_while_no_frames_come_and_good_again_afterwards()
    {
        using WatchedPage page = new();
        WatchedPage.Until(() => page.Record.Read().Frames > 0, "frames");
        Assert.Equal(HttpStatusCode.OK, page.Status("/healthz"));
        page.Camera.IsAway = true;
        WatchedPage.Until(() => page.Record.Read().IsBlind && page.Status("/healthz") == HttpStatusCode.ServiceUnavailable, "the health is bad");
        using HttpResponseMessage bad = page.Send(HttpMethod.Get, "/healthz");
        Assert.Matches("^no frame for [0-9]+ s\n$", WatchedPage.Text(bad));
        Assert.Equal(0, Metrics(page)["edgeconv_up"]);
        using HttpResponseMessage state = page.Send(HttpMethod.Get, "/state");
        Assert.Contains("\"class\":\"unknown\",\"known\":false,\"confidence\":null", WatchedPage.Text(state));
        page.Camera.IsAway = false;
        WatchedPage.Until(() => page.Status("/healthz") == HttpStatusCode.OK, "the health is good");
    }

    [Fact]
    public void Metrics_are_what_Prometheus_reads_and_count_every_frame()
    {
        using WatchedPage page = new();
        WatchedPage.Until(() => page.Record.Read().Frames > 30, "frames");
        Dictionary<string, double> first = Metrics(page);
        WatchedPage.Until(() => page.Record.Read().Frames > first["edgeconv_frames_total"] + 10, "more frames");
        Dictionary<string, double> metrics = Metrics(page);
        Assert.Equal(1, metrics["edgeconv_up"]);
        Assert.True(metrics["edgeconv_frames_total"] > first["edgeconv_frames_total"] + 10);
        Assert.Equal(metrics["edgeconv_frames_total"], metrics["edgeconv_classify_seconds_count"]);
        Assert.Equal(metrics["edgeconv_classify_seconds_count"], metrics["edgeconv_classify_seconds_bucket{le=\"+Inf\"}"]);
        double[] buckets = [.. metrics.Where(pair => pair.Key.Contains("_bucket", StringComparison.Ordinal)).Select(pair => pair.Value)];
        Assert.Equal(buckets.Order(), buckets);
        Assert.Equal(Latency.Bounds.Count + 1, buckets.Length);
        Assert.Equal(metrics["edgeconv_frames_total"],
            metrics.Where(pair => pair.Key.StartsWith("edgeconv_class_frames_total", StringComparison.Ordinal)).Sum(pair => pair.Value));
    }

    [Fact]
    public void Nothing_is_encoded_while_nobody_looks()
    {
        using WatchedPage page = new();
        WatchedPage.Until(() => page.Record.Read().Frames > 50, "frames");
        Assert.Empty(page.Record.Read().Layers);
        using HttpResponseMessage first = page.Send(HttpMethod.Get, "/frame.jpg");
        Assert.Equal("1", Assert.Single(first.Headers.GetValues("X-Frame")));
        Thread.Sleep(500);
        using HttpResponseMessage second = page.Send(HttpMethod.Get, "/frame.jpg?after=1");
        Assert.Equal("2", Assert.Single(second.Headers.GetValues("X-Frame")));
    }

    [Fact]
    public void Motion_JPEG_is_read_by_another_agents_camera()
    {
        using WatchedPage page = new(camera: new StagedCamera(side: 64));
        using EdgeConv.Devices.Frames.IFrameSource camera = EdgeConv.Devices.Cameras.FrameSources.Open(
            EdgeConv.Devices.Cameras.CameraUri.Parse($"{page.Url}live.mjpg"), _ => { }, mustBeThere: true);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(EdgeConv.Devices.Frames.FrameWait.Frame, camera.Wait(TimeSpan.FromSeconds(60), out EdgeConv.Devices.Frames.Frame frame));
            Assert.Equal((64, 64), (frame.Picture.Width, frame.Picture.Height));
        }
    }

    [Fact]
    public void Temperature_and_throttling_are_read_where_the_kernel_tells_them()
    {
        using TemporaryFolder sys = new();
        Assert.Null(new HostState(sys.Root).Temperature());
        Assert.Null(new HostState(sys.Root).Throttled());
        sys.Write("class/thermal/thermal_zone0/type", "gpu-thermal\n"u8.ToArray());
        sys.Write("class/thermal/thermal_zone0/temp", "30000\n"u8.ToArray());
        sys.Write("class/thermal/thermal_zone1/type", "cpu-thermal\n"u8.ToArray());
        sys.Write("class/thermal/thermal_zone1/temp", "51234\n"u8.ToArray());
        sys.Write("devices/platform/soc/soc:firmware/get_throttled", "50005\n"u8.ToArray());
        HostState host = new(sys.Root);
        Assert.Equal(51.234, host.Temperature());
        Assert.Equal(0x50005, host.Throttled());
        Assert.Equal(["under-voltage now", "throttled now"], HostState.Words(0x50005));
        Assert.Equal(["frequency capped before"], HostState.Words(0x20000));
    }

    [Theory]
    [InlineData(":8080", "127.0.0.1", 8080, true)]
    [InlineData("8080", "127.0.0.1", 8080, true)]
    [InlineData("localhost:80", "127.0.0.1", 80, true)]
    [InlineData("0.0.0.0:8080", "0.0.0.0", 8080, false)]
    [InlineData("192.168.1.5:1", "192.168.1.5", 1, false)]
    [InlineData("[::1]:8080", "::1", 8080, true)]
    [InlineData("[::]:8080", "::", 8080, false)]
    public void An_address_is_this_machines_unless_another_one_is_named(string text, string address, int port, bool isLoopback)
    {
        ServeAddress read = ServeAddress.Parse(text);
        Assert.Equal((IPAddress.Parse(address), port, isLoopback), (read.Address, read.Port, read.IsLoopback));
    }

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData(":x")]
    [InlineData(":99999")]
    [InlineData("example.com:80")]
    [InlineData("::1:80")]
    public void What_is_no_address_is_said(string text) =>
        Assert.Contains($"address \"{text}\": expected", Assert.Throws<EdgeConv.Agent.UsageException>(() => ServeAddress.Parse(text)).Message);

    private static Dictionary<string, double> Metrics(WatchedPage page)
    {
        using HttpResponseMessage answer = page.Send(HttpMethod.Get, "/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Dictionary<string, double> values = [];
        HashSet<string> announced = [];
        foreach (string line in WatchedPage.Text(answer).TrimEnd('\n').Split('\n'))
        {
            Match match = Regex.Match(line, "^(?:# (?:HELP|TYPE) ([a-z_]+) .+|([a-z_]+)((?:\\{[a-z]+=\"[^\"]*\"(?:,[a-z]+=\"[^\"]*\")*\\})?) (-?[0-9.]+))$");
            Assert.True(match.Success, $"no line of the format: {line}");
            if (match.Groups[1].Success)
            {
                announced.Add(match.Groups[1].Value);
                continue;
            }

            Assert.Contains(Regex.Replace(match.Groups[2].Value, "(?<=seconds)_(bucket|sum|count)$", ""), announced);
            Assert.True(values.TryAdd(match.Groups[2].Value + match.Groups[3].Value, double.Parse(match.Groups[4].Value, CultureInfo.InvariantCulture)), line);
        }

        return values;
    }
}
