using System.Net;

namespace EdgeConv.Tests.Agent.Serving;

/// <summary>Who may ask the page for what.</summary>
public sealed class GateTests
{
    private static readonly (string, string) _own = ("X-EdgeConv", "1");

    [Fact]
    public void On_this_machine_no_token_is_asked_for_and_only_its_own_names_are_answered()
    {
        using WatchedPage page = new();
        Assert.Null(page.Token);
        Assert.Equal(HttpStatusCode.OK, page.Status("/"));
        Assert.Equal(HttpStatusCode.OK, page.Status("/", ("Host", "localhost")));
        Assert.Equal(HttpStatusCode.OK, page.Status("/", ("Host", $"[::1]:{page.Url.Port}")));
        Assert.All(["evil.example", "127.0.0.1.evil.example", "192.168.0.7:8080", "localhost.", "0.0.0.0"],
            host => Assert.Equal(HttpStatusCode.MisdirectedRequest, page.Status("/state", ("Host", host))));
    }

    [Fact]
    public void Over_the_network_nothing_but_the_health_is_told_without_the_token()
    {
        using WatchedPage page = new("0.0.0.0:0");
        string wrong = new('0', page.Token!.Length);
        foreach (string path in new[] { "/", "/page.js", "/state", "/metrics", "/frame.jpg", "/live.mjpg", "/nothing" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, page.Status(path));
            Assert.Equal(HttpStatusCode.Unauthorized, page.Status($"{path}?token={wrong}"));
            Assert.Equal(HttpStatusCode.Unauthorized, page.Status(path, ("Cookie", $"edgeconv-{page.Url.Port}={wrong}")));
            Assert.Equal(HttpStatusCode.Unauthorized, page.Status(path, ("Authorization", $"Bearer {page.Token}0")));
        }

        Assert.Equal(HttpStatusCode.OK, page.Status("/healthz"));
        using HttpResponseMessage save = page.Send(HttpMethod.Post, "/frames?label=left", _own);
        Assert.Equal(HttpStatusCode.Unauthorized, save.StatusCode);
        Assert.False(Directory.Exists(page.Options.Frames));
    }

    [Fact]
    public void The_token_of_the_first_visit_becomes_a_cookie_that_scripts_and_other_sites_do_not_get()
    {
        using WatchedPage page = new("0.0.0.0:0");
        using HttpResponseMessage first = page.Send(HttpMethod.Get, $"/?token={page.Token}");
        Assert.Equal((HttpStatusCode.SeeOther, "/"), (first.StatusCode, first.Headers.Location!.ToString()));
        string cookie = Assert.Single(first.Headers.GetValues("Set-Cookie")).ToLowerInvariant();
        Assert.Contains("httponly", cookie);
        Assert.Contains("samesite=strict", cookie);
        Assert.Equal(HttpStatusCode.OK, page.Status("/state", ("Cookie", cookie.Split(';')[0])));
        Assert.Equal(HttpStatusCode.OK, page.Status("/metrics", ("Authorization", $"Bearer {page.Token}")));
    }

    [Fact]
    public void The_token_is_kept_between_two_starts_where_only_its_owner_reads_it()
    {
        using WatchedPage page = new("0.0.0.0:0");
        string file = page.Options.TokenFile;
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        Assert.Equal(40, page.Token!.Length);
        Assert.Equal(page.Token, EdgeConv.Agent.Serving.AccessToken.Open(file).Text);
        Assert.NotEqual(page.Token, EdgeConv.Agent.Serving.AccessToken.Open(page.Folder.Path("other")).Text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
            Assert.Contains("may be read or written by others; chmod 600 it", Assert.Throws<EdgeConv.Agent.FailureException>(() => EdgeConv.Agent.Serving.AccessToken.Open(file)).Message);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        File.WriteAllText(file, "short");
        Assert.Contains("16 to 200", Assert.Throws<EdgeConv.Agent.FailureException>(() => EdgeConv.Agent.Serving.AccessToken.Open(file)).Message);
    }

    [Fact]
    public void Another_site_cannot_post()
    {
        using WatchedPage page = new();
        HttpStatusCode Post(params (string, string)[] headers)
        {
            using HttpResponseMessage answer = page.Send(HttpMethod.Post, "/frames?label=left", headers);
            return answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.Forbidden, Post());
        Assert.Equal(HttpStatusCode.Forbidden, Post(("Content-Type", "application/x-www-form-urlencoded")));
        Assert.Equal(HttpStatusCode.Forbidden, Post(_own, ("Origin", "http://evil.example")));
        Assert.Equal(HttpStatusCode.Forbidden, Post(_own, ("Sec-Fetch-Site", "cross-site")));
        Assert.False(Directory.Exists(page.Options.Frames));
        Assert.Equal(HttpStatusCode.Created, Post(_own, ("Origin", $"http://{page.Url.Authority}"), ("Sec-Fetch-Site", "same-origin")));
        Assert.Single(Directory.GetFiles(Path.Combine(page.Options.Frames, "left")));
        using HttpResponseMessage ask = page.Send(HttpMethod.Options, "/frames", ("Origin", "http://evil.example"), ("Access-Control-Request-Method", "POST"));
        Assert.DoesNotContain(ask.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../up")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData(".hidden")]
    [InlineData("nul\0")]
    public void A_label_that_would_leave_its_folder_is_refused(string label)
    {
        using WatchedPage page = new();
        using HttpResponseMessage answer = page.Send(HttpMethod.Post, $"/frames?label={Uri.EscapeDataString(label)}", _own);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.False(Directory.Exists(page.Options.Frames));
    }

    [Fact]
    public void A_frame_that_cannot_be_saved_is_said_and_the_agent_goes_on()
    {
        using WatchedPage page = new();
        File.WriteAllText(page.Options.Frames, "a file where the folder should be");
        using HttpResponseMessage answer = page.Send(HttpMethod.Post, "/frames?label=left", _own);
        Assert.Equal(HttpStatusCode.InsufficientStorage, answer.StatusCode);
        Assert.StartsWith("Not saved: ", WatchedPage.Text(answer));
        page.Camera.IsAway = true;
        // One frame may be on its way yet.
        WatchedPage.Until(() => page.Record.Read().IsBlind, "none comes any more");
        using HttpResponseMessage late = page.Send(HttpMethod.Post, "/frames?label=left", _own);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, late.StatusCode);
        page.Camera.IsAway = false;
        WatchedPage.Until(() => page.Status("/frame.jpg") == HttpStatusCode.OK, "pictures again");
    }

    [Fact]
    public void Every_answer_has_the_headers_that_keep_a_page_to_itself()
    {
        using WatchedPage page = new();
        foreach (string path in new[] { "/", "/state", "/nothing" })
        {
            using HttpResponseMessage answer = page.Send(HttpMethod.Get, path);
            Assert.StartsWith("default-src 'none'; script-src 'self'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("DENY", Assert.Single(answer.Headers.GetValues("X-Frame-Options")));
            Assert.True(answer.Headers.CacheControl!.NoStore);
            Assert.False(answer.Headers.Contains("Server"));
        }
    }
}
