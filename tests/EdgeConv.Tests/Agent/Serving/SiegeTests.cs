using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeConv.Tests.Agent.Serving;

/// <summary>Requests that mean no good, on a bare socket: refused, or survived.</summary>
public sealed class SiegeTests
{
    [Theory]
    [InlineData("/../../etc/passwd")]
    [InlineData("/..%2f..%2fetc/passwd")]
    [InlineData("/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/page.css/../../agent.toml")]
    [InlineData("/frames/left/x.png")]
    [InlineData("//etc/passwd")]
    [InlineData("/token")]
    public void A_path_leads_to_no_file(string path)
    {
        using WatchedPage page = new();
        string answer = Ask(page, $"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        Assert.Matches("^HTTP/1.1 40[04] ", answer);
        Assert.DoesNotContain("root:", answer);
    }

    [Theory]
    [InlineData("DELETE / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "405")]
    [InlineData("POST /state HTTP/1.1\r\nHost: localhost\r\nX-EdgeConv: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "405")]
    [InlineData("GET /frames HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "405")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400")]
    [InlineData("rubbish\r\n\r\n", "400")]
    public void What_makes_no_sense_is_refused(string request, string status)
    {
        using WatchedPage page = new();
        Assert.StartsWith($"HTTP/1.1 {status} ", Ask(page, request));
    }

    [Fact]
    public void What_is_too_long_is_refused()
    {
        using WatchedPage page = new();
        Assert.StartsWith("HTTP/1.1 414 ", Ask(page, $"GET /{new string('a', 4000)} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 431 ", Ask(page, $"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: {new string('a', 20_000)}\r\n\r\n"));
        string many = string.Concat(Enumerable.Range(0, 100).Select(i => $"X-{i}: 1\r\n"));
        Assert.StartsWith("HTTP/1.1 431 ", Ask(page, $"GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n"));

        // A body that is announced is never read: the answer, or the end of the connection, comes without it.
        string answer = Ask(page, "POST /frames?label=left HTTP/1.1\r\nHost: localhost\r\nX-EdgeConv: 1\r\nContent-Length: 1000000000\r\n\r\n");
        Assert.Matches("^HTTP/1.1 (201|413) ", answer);
        Assert.Equal(HttpStatusCode.OK, page.Status("/healthz"));
    }

    [Fact]
    public void A_client_that_sends_a_byte_now_and_then_is_sent_away()
    {
        using WatchedPage page = new();
        using Socket slow = Connect(page);
        slow.Send("GET / HTTP/1.1\r\n"u8);
        Stopwatch watch = Stopwatch.StartNew();
        bool isOpen = true;
        while (isOpen && watch.Elapsed.TotalSeconds < 60)
        {
            Thread.Sleep(500);
            try
            {
                slow.Send("X"u8);
                isOpen = !(slow.Poll(0, SelectMode.SelectRead) && slow.Receive(new byte[1024]) == 0);
            }
            catch (SocketException)
            {
                isOpen = false;
            }
        }

        Assert.False(isOpen);
        Assert.InRange(watch.Elapsed.TotalSeconds, 2, 60);
    }

    [Fact]
    public void A_thousand_idle_connections_do_not_starve_the_classifier_and_give_way_in_the_end()
    {
        using WatchedPage page = new();
        (long Frames, double Latency) best = default;
        // Once is enough, unless others take the machine for a while: the siege must do so each time.
        for (int i = 0; i < 3 && best is not { Frames: > 25, Latency: < 0.05 }; i++)
        {
            best = Besiege(page);
        }

        Assert.True(best.Frames > 25, $"{best.Frames} frames in a second, where 100 would come in peace");
        Assert.True(best.Latency < 0.05, $"{best.Latency} s a frame");
    }

    /// <summary>Frames in a second of siege, and how long one took when somebody got in again.</summary>
    private static (long Frames, double Latency) Besiege(WatchedPage page)
    {
        List<Socket> idle = [];
        try
        {
            for (int i = 0; i < 1000; i++)
            {
                idle.Add(Connect(page));
            }

            long before = page.Record.Read().Frames;
            Thread.Sleep(1000);
            long frames = page.Record.Read().Frames - before;
            WatchedPage.Until(() => IsServed(page), "somebody gets in again");
            return (frames, page.Record.Read().Latency.Recent);
        }
        finally
        {
            idle.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public void More_connections_than_the_limit_are_closed_at_once()
    {
        using WatchedPage page = new(mostConnections: 5);
        // Each has been answered once, so that it counts.
        Socket[] kept = [.. Enumerable.Range(0, 5).Select(_ => Connect(page))];
        foreach (Socket socket in kept)
        {
            socket.ReceiveTimeout = 60_000;
            socket.Send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"u8);
            Assert.True(socket.Receive(new byte[4096]) > 0);
        }

        using Socket sixth = Connect(page);
        sixth.ReceiveTimeout = 60_000;
        try
        {
            Assert.Equal(0, sixth.Receive(new byte[16]));
        }
        catch (SocketException error)
        {
            Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
        }

        Array.ForEach(kept, socket => socket.Dispose());
    }

    private static bool IsServed(WatchedPage page)
    {
        try
        {
            return page.Status("/healthz") == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static Socket Connect(WatchedPage page)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, page.Url.Port);
        return socket;
    }

    private static string Ask(WatchedPage page, string request)
    {
        using Socket socket = Connect(page);
        socket.ReceiveTimeout = 60_000;
        byte[] bytes = new byte[64 * 1024];
        int length = 0;
        try
        {
            socket.Send(Encoding.ASCII.GetBytes(request));
            for (int read = 1; read > 0 && length < bytes.Length; length += read)
            {
                read = socket.Receive(bytes, length, bytes.Length - length, SocketFlags.None);
            }
        }
        catch (SocketException)
        {
            // The rest of what was sent is thrown away with the connection.
        }

        return Encoding.ASCII.GetString(bytes, 0, length);
    }
}
