using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeConv.Tests.Data;

/// <summary>A server of files on this machine, with the faults that servers and lines have. One request a connection.</summary>
internal sealed class LocalServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly CancellationTokenSource _stop = new();
    private int _holdsAt = int.MaxValue;

    public LocalServer()
    {
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/data/");
        _ = Task.Run(Serve);
    }

    public Uri Address { get; }

    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>What was asked for: a name, with the first byte behind it where a range was: a.bin@100.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>So many connections end after half of what they should send.</summary>
    public int BreaksOff { get; set; }

    public bool KnowsRanges { get; set; } = true;

    /// <summary>Takes connections and never answers.</summary>
    public bool Silent { get; set; }

    /// <summary>So many bytes of a file are sent, and no more until it is set to another number.</summary>
    public int HoldsAt { get => Volatile.Read(ref _holdsAt); set => Volatile.Write(ref _holdsAt, value); }

    /// <summary>Nobody listens any more; may be called twice.</summary>
    public void Dispose()
    {
        if (!_stop.IsCancellationRequested) _stop.Cancel();
        _listener.Dispose();
    }

    private async Task Serve()
    {
        while (true)
        {
            TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
            _ = Task.Run(() => Answer(client));
        }
    }

    private async Task Answer(TcpClient client)
    {
        using (client)
        {
            NetworkStream stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            string name = (await reader.ReadLineAsync(_stop.Token))!.Split(' ')[1].Replace(Address.AbsolutePath, "");
            int from = 0;
            while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } header)
            {
                if (header.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase))
                    from = int.Parse(header["Range: bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
            }
            _requests.Enqueue(from > 0 ? $"{name}@{from}" : name);
            if (Silent) await Task.Delay(Timeout.Infinite, _stop.Token);
            await Send(stream, name, from);
        }
    }

    private async Task Send(NetworkStream stream, string name, int from)
    {
        if (!Files.TryGetValue(name, out byte[]? file))
        {
            await Head(stream, "404 Not Found", 0);
            return;
        }
        if (!KnowsRanges) from = 0;
        if (from >= file.Length)
        {
            await Head(stream, "416 Range Not Satisfiable", 0);
            return;
        }
        byte[] body = file[from..];
        await Head(stream, from > 0 ? "206 Partial Content" : "200 OK", body.Length, from > 0 ? $"bytes {from}-{file.Length - 1}/{file.Length}" : null);
        if (BreaksOff > 0)
        {
            BreaksOff--;
            body = body[..(body.Length / 2)];
        }
        int sent = 0;
        foreach (byte[] piece in body.Chunk(1000))
        {
            while (sent >= HoldsAt) await Task.Delay(10, _stop.Token);
            await stream.WriteAsync(piece, _stop.Token);
            sent += piece.Length;
        }
    }

    private async Task Head(NetworkStream stream, string status, int length, string? range = null) => await stream.WriteAsync(
        Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n"
            + (range == null ? "" : $"Content-Range: {range}\r\n") + "\r\n"), _stop.Token);
}
