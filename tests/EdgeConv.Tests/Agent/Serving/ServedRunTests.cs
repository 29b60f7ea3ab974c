using System.Text.RegularExpressions;
using EdgeConv.Agent;
using EdgeConv.Agent.Operating;
using EdgeConv.Devices.Acting;
using EdgeConv.Devices.Deciding;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Tests.Agent.Serving;

/// <summary>run --config with [serve], as a whole: the page is there, and a model that is replaced takes over.</summary>
public sealed class ServedRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_configuration_brings_the_page_and_a_replaced_model_takes_over_or_is_refused()
    {
        string model = _folder.Write("model.ecm", BrightestPixelModel.Write());
        _folder.Write("frames/1.pgm", [.. "P5 2 2 255\n"u8, 255, 0, 0, 0]);
        string config = _folder.Write("agent.toml", System.Text.Encoding.UTF8.GetBytes(
            $"model = \"model.ecm\"\ncamera = \"folder:{_folder.Path("frames")}?fps=50&loop=1\"\n[serve]\naddress = \":0\"\nframes = \"labelled\"\n"));
        using AgentProcess agent = new("run", "--config", config);
        Match url = Match.Empty;
        WatchedPage.Until(() => agent.HasEnded || (url = Regex.Match(agent.Said.ToString(), "page: (http://127.0.0.1:[0-9]+/)")).Success, "the page is named");
        Assert.True(url.Success, agent.Errors.ToString());
        using HttpClient http = new() { BaseAddress = new Uri(url.Groups[1].Value) };
        WatchedPage.Until(() => Get("metrics").Contains("edgeconv_class_frames_total{class=\"left\"}", StringComparison.Ordinal), "frames are classified");
        using HttpRequestMessage save = new(HttpMethod.Post, "frames?label=dot");
        save.Headers.Add("X-EdgeConv", "1");
        using HttpResponseMessage saved = http.Send(save, TestContext.Current.CancellationToken);
        Assert.True(saved.IsSuccessStatusCode);
        Assert.Single(Directory.GetFiles(_folder.Path("labelled", "dot")));

        Replace(BrightestPixelModel.Write(spoiled: true));
        WatchedPage.Until(() => Get("state").Contains("its selftest fails: golden vector 0 differs first at layer 0, pick", StringComparison.Ordinal), "the page says why not");
        Replace(BrightestPixelModel.Write());
        WatchedPage.Until(() => Get("metrics").Contains("edgeconv_model_swaps_total 1", StringComparison.Ordinal), "the new one takes over");
        Assert.Contains("\"refusal\":null", Get("state"));
        Assert.Equal(0, agent.Stop());
        Assert.Contains("model: the new file is not taken, the old one goes on: its selftest fails", agent.Said.ToString());
        Assert.Contains("model: brightest takes over, its selftest passed", agent.Said.ToString());
        Assert.Empty(agent.Errors.ToString());

        string Get(string path) => http.GetStringAsync(path, TestContext.Current.CancellationToken).GetAwaiter().GetResult();

        void Replace(byte[] bytes) => File.Move(_folder.Write("next", bytes), model, overwrite: true);
    }

    [Fact]
    public void A_model_without_a_class_that_a_rule_waits_for_cannot_take_over()
    {
        using FrameClassifier next = new(Model.Load(BrightestPixelModel.Write()), KernelPath.Default);
        Rule Waits(params string[] names) => new("lamp", new ClassSet(names));
        Assert.Null(WatchSession.Objection([Waits("left", "below"), Waits("unknown"), Waits("any")], next, null));
        Assert.Equal("it has no class \"cat\", which lamp waits for", WatchSession.Objection([Waits("left"), Waits("right", "cat")], next, null));
        Assert.Equal("it has 3 classes, and 2 have a line", WatchSession.Objection([], next, 2));
    }

    [Theory]
    [InlineData("--token-file", "x")]
    [InlineData("--frames-to", "x")]
    public void What_belongs_to_the_page_needs_the_page(string option, string value)
    {
        StringWriter error = new();
        string model = _folder.Write("model.ecm", BrightestPixelModel.Write());
        Assert.Equal(2, AgentProgram.Run(["run", model, "--camera", _folder.Root, option, value], TextWriter.Null, error));
        Assert.Contains($"{option} goes with --serve", error.ToString());
    }
}
