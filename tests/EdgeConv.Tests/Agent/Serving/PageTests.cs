using System.Globalization;

namespace EdgeConv.Tests.Agent.Serving;

/// <summary>The page as a browser shows it.</summary>
public sealed class PageTests
{
    [Theory]
    [InlineData(1280, false)]
    [InlineData(360, true)]
    public void The_page_shows_the_moving_picture_and_the_class_and_fits_the_window(int width, bool isDark)
    {
        using WatchedPage page = new(camera: new StagedCamera(side: 64));
        using Browser browser = Open();
        browser.Resize(width, 900, isDark);
        browser.Go(page.Url);
        int Number() => int.Parse(browser.Evaluate("document.getElementById('picture').dataset.number ?? 0"), CultureInfo.InvariantCulture);
        WatchedPage.Until(() => Number() > 2, "a third picture");
        int seen = Number();
        string first = browser.Evaluate(Pixels);
        WatchedPage.Until(() => Number() > seen && browser.Evaluate(Pixels) != first, "the picture moves");
        Assert.Equal("64", browser.Evaluate("document.getElementById('picture').naturalWidth"));

        WatchedPage.Until(() => browser.Evaluate("document.getElementById('layers').textContent").Contains("pick", StringComparison.Ordinal), "layers are timed");
        Assert.Equal("0", browser.Evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        Assert.Equal("live", browser.Evaluate("document.getElementById('health').textContent"));
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public void The_class_on_the_page_is_the_one_that_the_camera_sees()
    {
        using WatchedPage page = new();
        using Browser browser = Open();
        browser.Resize(800, 900);
        browser.Go(page.Url);
        foreach ((int pixel, string label) in new[] { (0, "left"), (1, "right"), (2, "below") })
        {
            page.Camera.Bright = pixel;
            WatchedPage.Until(() => browser.Evaluate("document.getElementById('class').textContent") == label, $"the page says {label}");
        }

        Assert.Contains("right", browser.Evaluate("document.getElementById('history').textContent"));
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public void A_button_saves_the_frame_under_its_label_and_a_camera_that_is_away_is_said()
    {
        using WatchedPage page = new();
        using Browser browser = Open();
        browser.Go(page.Url);
        WatchedPage.Until(() => browser.Evaluate("document.querySelectorAll('#chips button').length") == "3", "a button a class");
        browser.Evaluate("document.querySelectorAll('#chips button')[1].click()");
        WatchedPage.Until(() => browser.Evaluate("document.getElementById('saved').textContent").StartsWith("Saved right/", StringComparison.Ordinal), "it is saved");
        Assert.Single(Directory.GetFiles(page.Folder.Path("frames", "right"), "*.png"));
        Assert.Empty(browser.Complaints);

        page.Camera.IsAway = true;
        WatchedPage.Until(() => browser.Evaluate("document.getElementById('health').textContent").StartsWith("no frame for", StringComparison.Ordinal), "the page says so");
        page.Camera.IsAway = false;
        WatchedPage.Until(() => browser.Evaluate("document.getElementById('health').textContent") == "live", "and that it is back");
    }

    [Fact]
    public void Over_the_network_the_printed_address_opens_the_page_and_the_token_leaves_the_address()
    {
        using WatchedPage page = new("0.0.0.0:0");
        using Browser browser = Open();
        browser.Go(new Uri(page.Url, $"?token={page.Token}"));
        WatchedPage.Until(() => browser.Evaluate("document.getElementById('class').textContent") == "left", "the page works by its cookie");
        Assert.Equal(page.Url.AbsoluteUri, browser.Evaluate("location.href"));
        Assert.Equal("", browser.Evaluate("document.cookie"));
        Assert.Empty(browser.Complaints);
    }

    private const string Pixels = """
        (() => { const canvas = document.createElement('canvas'); canvas.width = canvas.height = 64;
        const context = canvas.getContext('2d'); context.drawImage(document.getElementById('picture'), 0, 0);
        return context.getImageData(0, 0, 64, 64).data.join(); })()
        """;

    private static Browser Open()
    {
        Browser? browser = Browser.Open();
        Assert.SkipWhen(browser is null, "no chromium on the PATH; apt-get install chromium brings it");
        return browser!;
    }
}
