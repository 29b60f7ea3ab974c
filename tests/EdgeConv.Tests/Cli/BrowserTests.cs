using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EdgeConv.Tests.Cli;

/// <summary>The page as a browser sees it: headless Chromium, no network.</summary>
public sealed class BrowserTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>
{
    private static readonly string[] _flags =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--virtual-time-budget=20000", "--dump-dom",
    ];

    /// <summary>Shows the page in frames of two widths, decodes every picture in it, follows a link of the matrix, and writes down what it found.</summary>
    private const string Probe = """
        <!doctype html><body><pre id="found"></pre><script>
        const page = PAGE;
        async function look(width) {
          const frame = document.createElement('iframe');
          frame.style.width = width + 'px';
          frame.style.height = '2000px';
          frame.srcdoc = page;
          const loaded = new Promise(done => frame.onload = done);
          document.body.append(frame);
          await loaded;
          const inside = frame.contentDocument;
          const rules = [...inside.styleSheets].flatMap(sheet => [...sheet.cssRules]);
          const pictures = rules.map(rule => rule.style?.backgroundImage ?? '').filter(value => value.startsWith('url('));
          let broken = 0;
          for (const picture of pictures) {
            const image = new Image();
            const arrived = new Promise(done => image.onload = image.onerror = done);
            image.src = picture.slice(5, -2);
            await arrived;
            broken += image.naturalWidth === 0 ? 1 : 0;
          }
          const tiles = [...inside.querySelectorAll('.tile')];
          const empty = tiles.filter(tile => !getComputedStyle(tile).backgroundImage.startsWith('url(')
            || tile.closest('.cell') === null && tile.getBoundingClientRect().width === 0).length;
          const cells = [...inside.querySelectorAll('.cell')];
          const links = [...inside.querySelectorAll('.confusion a')];
          const dead = links.filter(link => inside.getElementById(link.getAttribute('href').slice(1)) === null).length;
          return { width, pictures: pictures.length, broken, tiles: tiles.length, empty, links: links.length, dead,
            shown: cells.filter(cell => getComputedStyle(cell).display !== 'none').length,
            overflow: inside.documentElement.scrollWidth - inside.documentElement.clientWidth };
        }
        (async () => {
          const found = [await look(1280), await look(400)];
          document.getElementById('found').textContent = JSON.stringify(found);
        })();
        </script></body>
        """;

    [Fact]
    public void The_page_of_visualize_has_all_its_pictures_and_fits_wide_and_narrow_windows()
    {
        string? chromium = Find();
        Assert.SkipWhen(chromium is null, "no chromium on the PATH; apt-get install chromium brings it");
        string page = lenet.At("page.html");
        Assert.Equal(0, CliRun.Of("visualize", lenet.Onnx, "--data", lenet.Pictures, "-o", page, "--model", lenet.Model).Code);
        Assert.All(Look(chromium!, page), look =>
        {
            int Number(string name) => look.GetProperty(name).GetInt32();
            Assert.True(Number("pictures") >= 8, $"{look}");
            Assert.True(Number("tiles") > 22 * 18, $"{look}");
            Assert.True(Number("links") > 10, $"{look}");
            Assert.Equal((0, 0, 0, 0, 1), (Number("broken"), Number("empty"), Number("dead"), Number("overflow"), Number("shown")));
        });
    }

    [Fact]
    public void The_page_of_convert_fits_wide_and_narrow_windows()
    {
        string? chromium = Find();
        Assert.SkipWhen(chromium is null, "no chromium on the PATH; apt-get install chromium brings it");
        string page = lenet.At("report.html");
        CliRun run = CliRun.Of("convert", lenet.Onnx, "-o", lenet.At("shown.ecm"), "--calibrate", lenet.Pictures, "--test", lenet.Pictures,
            "--sensitivity", "--report", page);
        Assert.True(run.Code == 0, run.Errors);
        Assert.All(Look(chromium!, page), look => Assert.Equal(0, look.GetProperty("overflow").GetInt32()));
    }

    [Fact]
    public void The_probe_sees_a_broken_picture()
    {
        string? chromium = Find();
        Assert.SkipWhen(chromium is null, "no chromium on the PATH; apt-get install chromium brings it");
        string probe = lenet.At("broken.html");
        const string Page = "<style>.a { background-image: url(data:image/png;base64,iVBORw0KGgo=) }</style><i class='tile a'></i>";
        File.WriteAllText(probe, Probe.Replace("PAGE", JsonSerializer.Serialize(Page), StringComparison.Ordinal));
        Match found = Regex.Match(Open(chromium!, probe).Dom, "\"broken\":([0-9]+)");
        Assert.True(found.Success && int.Parse(found.Groups[1].Value) > 0);
    }

    private JsonElement[] Look(string chromium, string page)
    {
        string probe = Path.ChangeExtension(page, ".probe.html");
        File.WriteAllText(probe, Probe.Replace("PAGE", JsonSerializer.Serialize(File.ReadAllText(page)), StringComparison.Ordinal));
        (string dom, string log) = Open(chromium, probe);
        Assert.DoesNotContain("CONSOLE", log);
        Match found = Regex.Match(dom, "<pre id=\"found\">(.+?)</pre>");
        Assert.True(found.Success, $"the page was not looked at: {dom[..Math.Min(dom.Length, 500)]}\n{log}");
        JsonElement[] looks = [.. JsonDocument.Parse(WebUtility.HtmlDecode(found.Groups[1].Value)).RootElement.EnumerateArray()];
        Assert.Equal([1280, 400], looks.Select(look => look.GetProperty("width").GetInt32()));
        return looks;
    }

    internal static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => new[] { Path.Combine(folder, "chromium"), Path.Combine(folder, "chromium-browser") })
        .FirstOrDefault(File.Exists);

    private (string Dom, string Log) Open(string chromium, string page)
    {
        string profile = Directory.CreateDirectory(lenet.At($"profile-{Path.GetFileName(page)}")).FullName;
        ProcessStartInfo start = new(chromium, [.. _flags, $"--user-data-dir={profile}", new Uri(page).AbsoluteUri])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> log = process.StandardError.ReadToEndAsync();
        Task<string> dom = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("chromium did not come back within two minutes");
        }

        return (dom.Result, log.Result);
    }
}
