using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using EdgeConv.Devices.Acting;

namespace EdgeConv.Tests.Acting;

/// <summary>Webhooks, programs, files and photographs: what they do, and that none of them ever keeps the camera waiting.</summary>
public sealed class SlowActionTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_event_is_posted_with_its_headers()
    {
        using Server server = new(_ => "HTTP/1.1 204 No Content\r\n\r\n");
        using (ScriptedWatch watch = new([Rule(new PostRule(server.Address, [new("Authorization", "Bearer x"), new("Content-Language", "en")], _patience))]))
        {
            watch.See("left", 0);
            Assert.True(SpinWait.SpinUntil(() => server.Requests.Count == 1, _patience));
            Assert.Empty(watch.Said);
        }

        string request = server.Requests.First();
        Assert.StartsWith("POST /seen HTTP/1.1\r\n", request);
        Assert.Contains("Authorization: Bearer x\r\n", request);
        Assert.Contains("Content-Type: application/json\r\n", request);
        JsonElement body = JsonDocument.Parse(request[(request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]).RootElement;
        Assert.Equal(("rule", "left", 0.576, 0), (body.GetProperty("rule").GetString(), body.GetProperty("class").GetString(),
            body.GetProperty("confidence").GetDouble(), body.GetProperty("frame").GetInt32()));
        Assert.InRange(DateTimeOffset.UtcNow - body.GetProperty("time").GetDateTimeOffset(), TimeSpan.Zero, _patience);
    }

    [Fact]
    public void A_server_that_hangs_delays_no_frame_and_the_newest_events_win()
    {
        using Server server = new(_ => null);
        long start = Stopwatch.GetTimestamp();
        using ScriptedWatch watch = new([Rule(new PostRule(server.Address, [], TimeSpan.FromMilliseconds(300)))]);
        for (int i = 0; i < 1000; i++)
        {
            watch.See(i % 2 == 0 ? "left" : "right", i);
        }

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 30);
        Assert.True(SpinWait.SpinUntil(() => watch.Said.Any(text => text.Contains("did not answer in 0.3 s.", StringComparison.Ordinal)), _patience));
        Assert.Contains("rule, post: too slow; the oldest was dropped.", watch.Said);
        Assert.Contains("rule, post: too slow; the oldest was dropped. This is number 100.", watch.Said);
        Assert.InRange(watch.Said.Count, 4, 8);
    }

    [Fact]
    public void A_server_that_fails_or_is_gone_is_said()
    {
        using Server server = new(_ => "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
        using ScriptedWatch watch = new([Rule(new PostRule(server.Address, [], _patience))]);
        watch.See("left", 0);
        Assert.True(SpinWait.SpinUntil(() => watch.Said.Count == 1, _patience));
        Assert.Equal($"rule, post: {server.Address} answered 500 Internal Server Error.", watch.Said.First());
        using ReservedPort nobody = new();
        using ScriptedWatch gone = new([Rule(new PostRule(new Uri($"http://127.0.0.1:{nobody.Number}/"), [], _patience))]);
        gone.See("left", 0);
        Assert.True(SpinWait.SpinUntil(() => gone.Said.Count == 1, _patience));
        Assert.Contains("Connection refused", gone.Said.First());
    }

    [Fact]
    public void A_program_gets_the_event_as_words_and_environment_and_never_a_shell()
    {
        string file = _folder.Path("out");
        using (ScriptedWatch watch = new([Rule(new RunRule(["sh", "-c", "printf '%s|%s|%s' \"$1\" \"$EDGECONV_CLASS\" \"$EDGECONV_FRAME\" > \"$0\"", file, "{class}; $(touch x) {other} {frame}"], _patience))]))
        {
            watch.See("below", 0);
            Assert.True(SpinWait.SpinUntil(() => File.Exists(file) && new FileInfo(file).Length > 0, _patience));
        }

        Assert.Equal("below; $(touch x) {other} 0|below|0", File.ReadAllText(file));
    }

    [Theory]
    [InlineData(60, "ended with code 3.", "sh", "-c", "exit 3")]
    [InlineData(0.5, "was still running after 0.5 s and was ended.", "sh", "-c", "sleep 1000")]
    [InlineData(60, "/no/such/program cannot be started", "/no/such/program")]
    public void A_program_that_fails_or_hangs_is_said(double seconds, string message, params string[] words)
    {
        using ScriptedWatch watch = new([Rule(new RunRule(words, TimeSpan.FromSeconds(seconds)))]);
        watch.See("left", 0);
        Assert.True(SpinWait.SpinUntil(() => watch.Said.Count == 1, _patience));
        Assert.Contains(message, watch.Said.First());
    }

    [Fact]
    public void Two_programs_never_run_at_once_and_the_newest_event_waits()
    {
        string log = _folder.Path("log"), goOn = _folder.Path("go on");
        const string Script = "echo begin $2 >> \"$0\"; until [ -e \"$1\" ]; do sleep 0.02; done; echo end >> \"$0\"";
        using (ScriptedWatch watch = new([Rule(new RunRule(["sh", "-c", Script, log, goOn, "{frame}"], _patience))]))
        {
            watch.See("left", 0);
            Assert.True(SpinWait.SpinUntil(() => File.Exists(log), _patience));
            for (int i = 1; i < 10; i++)
            {
                watch.See(i % 2 == 0 ? "left" : "right", i);
            }

            File.WriteAllText(goOn, "");
            Assert.True(SpinWait.SpinUntil(() => File.ReadAllLines(log).Length == 4, _patience));
        }

        Assert.Equal(["begin 0", "end", "begin 9", "end"], File.ReadAllLines(log));
    }

    [Fact]
    public void Lines_are_appended_whole_and_files_put_aside_by_their_size()
    {
        string file = _folder.Path("new", "seen.jsonl");
        using (ScriptedWatch watch = new([Rule(new AppendRule(file, 400, 2))]))
        {
            Directory.CreateDirectory(_folder.Path("new"));
            // As a loss of power may leave it.
            File.WriteAllText(file, "{\"rule\":\"old\"}\n{\"rule\":\"cut o");
            for (int i = 0; i < 12; i++)
            {
                watch.See(i % 2 == 0 ? "left" : "right", i);
            }

            // The end waits for them no longer than a moment.
            Assert.True(SpinWait.SpinUntil(() => Text(file).Contains("\"frame\":11}\n", StringComparison.Ordinal), _patience));
        }

        Assert.Equal(["seen.jsonl", "seen.jsonl.1", "seen.jsonl.2"], Directory.GetFiles(_folder.Path("new")).Select(Path.GetFileName).Order());
        string[] lines = [.. new[] { ".2", ".1", "" }.SelectMany(end => File.ReadAllLines(file + end))];
        Assert.All(lines, line => JsonDocument.Parse(line).Dispose());
        Assert.All(Directory.GetFiles(_folder.Path("new")), path => Assert.InRange(new FileInfo(path).Length, 1, 400));
        int[] frames = [.. lines.Where(line => !line.Contains("old", StringComparison.Ordinal)).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("frame").GetInt32())];
        Assert.Equal(Enumerable.Range(12 - frames.Length, frames.Length), frames);

        // It may be put aside just then.
        static string Text(string file)
        {
            try
            {
                return File.ReadAllText(file);
            }
            catch (FileNotFoundException)
            {
                return "";
            }
        }
    }

    [Fact]
    public void Frames_are_saved_for_their_class_but_not_too_many_nor_on_a_disk_that_gets_full()
    {
        using (ScriptedWatch watch = new([Rule(new SaveRule(_folder.Path("photos"), null, 4, 0)), Rule(new SaveRule(_folder.Path("other"), "unsorted", 100, long.MaxValue))]))
        {
            for (int i = 0; i < 20; i++)
            {
                watch.See(i % 2 == 0 ? "left" : "right", i);
                // One after the other: three may wait, and of more the oldest is dropped.
                Assert.True(SpinWait.SpinUntil(() => Photos() == Math.Min(i + 1, 4), _patience), $"{Photos()} after {i + 1} frames");
            }

            Assert.Contains(watch.Said, text => text.Contains("nothing is saved below", StringComparison.Ordinal));
        }

        Assert.Equal([2, 2], new[] { "left", "right" }.Select(name => Directory.GetFiles(_folder.Path("photos", name)).Length));
        Assert.Empty(Directory.GetFiles(_folder.Path("other"), "*", SearchOption.AllDirectories));

        int Photos() => Directory.Exists(_folder.Path("photos")) ? Directory.GetFiles(_folder.Path("photos"), "*.png", SearchOption.AllDirectories).Length : 0;
    }

    [Fact]
    public void An_end_waits_for_what_hangs_only_a_moment()
    {
        using Server server = new(_ => null);
        ScriptedWatch watch = new([Rule(new PostRule(server.Address, [], TimeSpan.FromHours(1)), new RunRule(["sleep", "1000"], TimeSpan.FromHours(1)))]);
        watch.See("left", 0);
        Assert.True(SpinWait.SpinUntil(() => server.Requests.Count == 1, _patience));
        long start = Stopwatch.GetTimestamp();
        watch.Dispose();
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 20);
    }

    [Theory]
    [InlineData("{class} {confidence} {frame}{{class}", "a{b} 0.250 7{a{b}")]
    [InlineData("plain", "plain")]
    [InlineData("{", "{")]
    [InlineData("{rule}{time}", "{class}2026-01-02T03:04:05.006Z")]
    public void Fields_are_filled_in_once(string text, string expected)
    {
        ActionEvent what = new("{class}", "a{b}", 0.25f, new DateTimeOffset(2026, 1, 2, 3, 4, 5, 6, TimeSpan.Zero), 7);
        Assert.Equal(expected, what.Fill(text));
    }

    [Fact]
    public void An_event_without_a_frame_is_json_all_the_same() =>
        Assert.Equal("""{"rule":"a\u0022b","class":"unknown","confidence":0.000,"time":"2026-01-02T03:04:05.000Z","frame":null}""",
            Encoding.UTF8.GetString(new ActionEvent("a\"b", "unknown", 0, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), null).ToJson()));

    private static Rule Rule(params ActionRule[] actions) => new("rule", new ClassSet(["any"])) { Actions = actions };

    /// <summary>Keeps every request and answers it; with null never.</summary>
    private sealed class Server : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        // As long as it is known here, nothing closes it but the test's end: not the collector of what nobody needs any more.
        private readonly ConcurrentQueue<TcpClient> _clients = [];

        public Server(Func<string, string?> answer)
        {
            _listener.Start();
            Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/seen");
            new Thread(() =>
            {
                try
                {
                    while (true)
                    {
                        Serve(_listener.AcceptTcpClient(), answer);
                    }
                }
                catch (Exception error) when (error is SocketException or IOException or InvalidOperationException)
                {
                    // The test is over.
                }
            })
            { IsBackground = true }.Start();
        }

        public Uri Address { get; }

        public ConcurrentQueue<string> Requests { get; } = [];

        public void Dispose()
        {
            _listener.Dispose();
            foreach (TcpClient client in _clients)
            {
                client.Dispose();
            }
        }

        private void Serve(TcpClient client, Func<string, string?> answer)
        {
            _clients.Enqueue(client);
            NetworkStream stream = client.GetStream();
            StringBuilder request = new();
            byte[] bytes = new byte[4096];
            while (!request.ToString().Contains("\r\n\r\n{", StringComparison.Ordinal) || request[^1] != '}')
            {
                int read = stream.Read(bytes);
                if (read == 0)
                {
                    client.Dispose();
                    return;
                }

                request.Append(Encoding.UTF8.GetString(bytes, 0, read));
            }

            Requests.Enqueue(request.ToString());
            if (answer(request.ToString()) is { } text)
            {
                stream.Write(Encoding.ASCII.GetBytes(text));
                client.Dispose();
            }
        }
    }
}
