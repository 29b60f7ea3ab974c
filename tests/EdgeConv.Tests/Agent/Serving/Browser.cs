using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeConv.Tests.Cli;

namespace EdgeConv.Tests.Agent.Serving;

/// <summary>Headless Chromium in real time, over its debugging protocol: pages that change, windows of any size, what the console says.</summary>
internal sealed class Browser : IDisposable
{
    private readonly Process _process;
    private readonly ClientWebSocket _socket = new();
    private readonly TemporaryFolder _folder = new();
    private string _loaded = "";
    private int _id;

    private Browser(string chromium)
    {
        _process = Process.Start(new ProcessStartInfo(chromium,
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--remote-debugging-port=0", $"--user-data-dir={_folder.Path("profile")}", "about:blank",
        ])
        { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    /// <summary>What the console and the network complained about.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>Starts it; null where there is none.</summary>
    public static Browser? Open()
    {
        if (BrowserTests.Find() is not { } chromium)
        {
            return null;
        }

        Browser browser = new(chromium);
        try
        {
            browser.Connect();
            return browser;
        }
        catch
        {
            browser.Dispose();
            throw;
        }
    }

    /// <summary>A window of that size, dark or light.</summary>
    public void Resize(int width, int height, bool isDark = false)
    {
        Call("Emulation.setDeviceMetricsOverride", new JsonObject { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = false });
        Call("Emulation.setEmulatedMedia", new JsonObject
        {
            ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = isDark ? "dark" : "light" }),
        });
    }

    /// <summary>Opens an address.</summary>
    public void Go(Uri url)
    {
        // The empty page that it leaves is complete as well: what counts is the end of this loading.
        string? loading = (string?)Call("Page.navigate", new JsonObject { ["url"] = url.AbsoluteUri })?["loaderId"];
        Assert.NotNull(loading);
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        while (_loaded != loading)
        {
            Note(Receive(patience.Token));
        }
    }

    /// <summary>The value of an expression, or of a promise, as text.</summary>
    public string Evaluate(string expression)
    {
        JsonNode? answer = Call("Runtime.evaluate", new JsonObject
        {
            ["expression"] = $"(async () => String(await ({expression})))()",
            ["awaitPromise"] = true,
            ["returnByValue"] = true,
        });
        Assert.True(answer?["exceptionDetails"] is null, $"{expression}: {answer?["exceptionDetails"]}");
        return (string)answer!["result"]!["value"]!;
    }

    /// <summary>The whole page as PNG.</summary>
    public byte[] Screenshot() =>
        Convert.FromBase64String((string)Call("Page.captureScreenshot", new JsonObject { ["format"] = "png", ["captureBeyondViewport"] = true })!["data"]!);

    public void Dispose()
    {
        _socket.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.WaitForExit();
        _process.Dispose();
        try
        {
            _folder.Dispose();
        }
        catch (IOException)
        {
            // A child of the browser may write to its profile for a moment longer.
        }
    }

    private void Connect()
    {
        string portFile = _folder.Path("profile", "DevToolsActivePort");
        WatchedPage.Until(() => File.Exists(portFile) && File.ReadAllLines(portFile).Length > 1, "chromium listens", 60);
        string port = File.ReadAllLines(portFile)[0];
        using HttpClient http = new();
        string? socket = null;
        WatchedPage.Until(() => (socket = FirstPage(http.GetStringAsync($"http://127.0.0.1:{port}/json/list").GetAwaiter().GetResult())) is not null, "it has a page");
        _socket.ConnectAsync(new Uri(socket!), CancellationToken.None).GetAwaiter().GetResult();
        foreach (string domain in new[] { "Page", "Runtime", "Log" })
        {
            Call($"{domain}.enable", []);
        }

        Call("Page.setLifecycleEventsEnabled", new JsonObject { ["enabled"] = true });
    }

    /// <summary>Where the first of its pages is debugged; it listens a moment before it has one.</summary>
    private static string? FirstPage(string list) => JsonDocument.Parse(list).RootElement.EnumerateArray()
        .Where(page => page.GetProperty("type").GetString() == "page").Select(page => page.GetProperty("webSocketDebuggerUrl").GetString()).FirstOrDefault();

    private JsonNode? Call(string method, JsonObject parameters)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        int id = ++_id;
        byte[] request = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters });
        _socket.SendAsync(request, WebSocketMessageType.Text, endOfMessage: true, patience.Token).GetAwaiter().GetResult();
        while (true)
        {
            JsonNode message = Receive(patience.Token);
            Note(message);
            if ((int?)message["id"] == id)
            {
                Assert.True(message["error"] is null, $"{method}: {message["error"]}");
                return message["result"];
            }
        }
    }

    private JsonNode Receive(CancellationToken cancel)
    {
        using MemoryStream message = new();
        byte[] part = new byte[64 * 1024];
        while (true)
        {
            ValueWebSocketReceiveResult received = _socket.ReceiveAsync(part.AsMemory(), cancel).AsTask().GetAwaiter().GetResult();
            message.Write(part, 0, received.Count);
            if (received.EndOfMessage)
            {
                return JsonNode.Parse(message.ToArray())!;
            }
        }
    }

    private void Note(JsonNode message)
    {
        switch ((string?)message["method"])
        {
            case "Page.lifecycleEvent" when (string?)message["params"]!["name"] == "load":
                _loaded = (string)message["params"]!["loaderId"]!;
                break;
            case "Runtime.exceptionThrown":
                Complaints.Add(message["params"]!["exceptionDetails"]!.ToJsonString());
                break;
            case "Log.entryAdded" when (string?)message["params"]!["entry"]!["level"] is "error" or "warning":
                Complaints.Add(message["params"]!["entry"]!.ToJsonString());
                break;
            case "Runtime.consoleAPICalled":
                Complaints.Add(message["params"]!.ToJsonString());
                break;
        }
    }
}
